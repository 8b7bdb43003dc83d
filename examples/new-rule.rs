//! Begins a rule: `cargo run --example new-rule -- CODE error|warning|note [ROOT]`.
//!
//! Writes `src/rules/<code>.rs` with its code, an explanation to be filled in and an empty check, its lines in `src/rules/mod.rs`, and
//! a failing and a mended mesh under `fixtures/rules/<code>/`. The project compiles at once; `cargo test --test it rules` then says
//! what the rule still lacks. docs/architecture.md has the rest of the list.

use std::error::Error;
use std::fs;
use std::path::Path;

const MESH: &str = r#"apiVersion: meshgen/v1
defaults: {kkp: "2.31.0", cilium: 1.19.4}
clusters:
  - {name: cluster-1, id: 1, podCIDRs: [172.25.0.0/16], apiserver: {ips: [203.0.113.10]}}
  - {name: cluster-2, id: 2, podCIDRs: [172.26.0.0/16], apiserver: {ips: [203.0.113.20]}}
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    begin(&args)
}

/// Begins the rule that the arguments name.
pub(crate) fn begin(args: &[String]) -> Result<(), Box<dyn Error>> {
    let [code, severity, rest @ ..] = args else {
        return Err("usage: new-rule CODE error|warning|note [ROOT]".into());
    };
    let severity = match severity.as_str() {
        "error" => "Error",
        "warning" => "Warning",
        "note" => "Note",
        other => return Err(format!("`{other}` is no severity: error, warning or note").into()),
    };
    let is_legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if code.is_empty() || !code.chars().all(is_legal) {
        return Err(format!("`{code}` is no code: lower-case words with hyphens").into());
    }
    let root = Path::new(rest.first().map_or(".", String::as_str));
    let module = code.replace('-', "_");
    let file = root.join(format!("src/rules/{module}.rs"));
    if file.exists() {
        return Err(format!("{} is there already", file.display()).into());
    }
    register(&root.join("src/rules/mod.rs"), &module)?;
    fs::write(file, rule(code, severity))?;
    examples(&root.join("fixtures/rules").join(code))?;
    Ok(())
}

fn rule(code: &str, severity: &str) -> String {
    format!(
        r#"//! What this rule is about, in one sentence.

use super::{{Context, Rule}};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {{
    code: &code!(
        "{code}", {severity},
        what: "What is wrong, in one or two sentences.",
        why: "Why it matters, and how to mend it, with the source of the fact.",
    ),
    check,
}};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {{
    // The first cluster, until the rule says which.
    let found = context.mesh.clusters.iter().filter(|_| false);
    out.extend(found.map(|cluster| {{
        RULE.finding(cluster.place.clone(), "what is wrong here, naming the value")
            .help("what to type instead")
            .cluster(cluster.name())
    }}));
}}
"#
    )
}

/// Adds the module and the registry's line, each where the alphabet wants it.
fn register(file: &Path, module: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    let with_module = inserted(&text, &format!("mod {module};"), |line| {
        let name = line.strip_prefix("pub(crate) ").unwrap_or(line);
        name.starts_with("mod ").then(|| name.to_owned())
    })?;
    let with_line = inserted(&with_module, &format!("    &{module}::RULE,"), |line| {
        line.ends_with("::RULE,").then(|| line.to_owned())
    })?;
    fs::write(file, with_line)?;
    Ok(())
}

/// The text with a line before the first of its kind that sorts behind it.
fn inserted(
    text: &str,
    line: &str,
    key: impl Fn(&str) -> Option<String>,
) -> Result<String, Box<dyn Error>> {
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|line| key(line).is_some());
    let last = last.ok_or_else(|| format!("no line like `{line}` in src/rules/mod.rs"))?;
    let behind = lines
        .iter()
        .position(|other| key(other).is_some_and(|other| other.as_str() > line));
    lines.insert(behind.unwrap_or(last + 1), line);
    Ok(lines.join("\n") + "\n")
}

/// The example meshes. `at` says where the failing one fails; the two reports are written by the tests.
fn examples(folder: &Path) -> std::io::Result<()> {
    for mesh in ["bad", "good"] {
        fs::create_dir_all(folder.join(mesh))?;
        fs::write(folder.join(mesh).join("mesh.yaml"), MESH)?;
    }
    fs::write(folder.join("bad/at"), "mesh.yaml:4\n")?;
    fs::write(folder.join("report.txt"), "")?;
    fs::write(folder.join("mended.diff"), "")
}
