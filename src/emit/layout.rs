//! The paths that meshgen writes below an output folder. An index.json that names others is not believed.

/// Whether a path is one that some run writes.
pub(super) fn is_own(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [name] => is_top_level(name),
        ["firewall", name] => is_name(name) && name.contains('.'),
        ["clusters", cluster, name] => is_name(cluster) && is_of_cluster(name),
        _ => false,
    }
}

fn is_top_level(name: &str) -> bool {
    matches!(
        name,
        "index.json" | "STEPS.md" | "dump.sh" | "steps.sh" | "check.sh" | "report.html"
    )
}

/// `10-`, `20-`, `30-` or `40-`, a name, and `.yaml` or `.json`. Nothing is written with `40-` today.
fn is_of_cluster(name: &str) -> bool {
    let rest = ["10-", "20-", "30-", "40-"]
        .iter()
        .find_map(|start| name.strip_prefix(start));
    rest.is_some_and(|rest| is_name(rest) && (rest.ends_with(".yaml") || rest.ends_with(".json")))
}

fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_meshgen_writes_are_its_own() {
        for own in [
            "index.json",
            "STEPS.md",
            "clusters/a/20-patch.json",
            "clusters/a/10-cilium-ca.secret.yaml",
            "firewall/rules.json",
            "firewall/cluster-1.nft",
        ] {
            assert!(is_own(own), "{own}");
        }
        for other in [
            "mine",
            "up/precious",
            "../index.json",
            "/etc/passwd",
            "clusters/../20-patch.json",
            "clusters/a/b/20-patch.json",
            "clusters/a/notes.yaml",
            "firewall/.hidden.nft",
            "",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }
}
