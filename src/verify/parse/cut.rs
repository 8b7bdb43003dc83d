//! JSON that ends too early: what it would have said is not known, so it must not pass for nothing.

use super::super::outputs::{Agent, HealthProbes, SavedOutput};

/// Members of `cilium status -o json`, the first ones and those around the remote clusters, and of the lists of connections.
const OF_STATUS: [&str; 10] = [
    "\"attach-mode\"",
    "\"auth-certificate-provider\"",
    "\"bandwidth-manager\"",
    "\"bpf-maps\"",
    "\"cilium\"",
    "\"cluster-mesh\"",
    "\"kvstore\"",
    "\"connectivity\"",
    "\"access_information\"",
    "\"num-nodes\"",
];
/// The first member of `cilium-health status -o json`, and one that every node there has.
const OF_HEALTH: [&str; 2] = ["\"local\"", "\"health-endpoint\""];

/// The agent whose output broke off, where the rest of a text is recognised.
pub(in super::super) fn agent(text: &str, line: usize) -> Option<SavedOutput> {
    let first = text.trim_start_matches(['{', '[', ' ', '\t', '\r', '\n']);
    let has = |member: &&str| first.starts_with(*member) || text.contains(&format!("{member}:"));
    if first.starts_with(OF_HEALTH[0]) || text.contains(OF_HEALTH[1]) {
        return Some(SavedOutput::Agent(Agent {
            name: name(text, OF_HEALTH[0], "\"name\""),
            health: Some(HealthProbes {
                is_cut: true,
                ..HealthProbes::default()
            }),
            line,
            ..Agent::default()
        }));
    }
    OF_STATUS.iter().any(has).then(|| {
        SavedOutput::Agent(Agent {
            is_status: true,
            is_cut: true,
            name: name(text, "\"cluster\"", "\"self\""),
            line,
            ..Agent::default()
        })
    })
}

/// The text of the first member of a name behind another one.
fn name(text: &str, behind: &str, member: &str) -> Option<String> {
    let (_, rest) = text.split_once(behind)?;
    let (_, rest) = rest.split_once(member)?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start();
    let (name, _) = value.strip_prefix('"')?.split_once('"')?;
    (!name.contains('\\')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Option<Agent> {
        match agent(text, 1)? {
            SavedOutput::Agent(agent) => Some(agent),
            _ => None,
        }
    }

    #[test]
    fn what_broke_off_is_recognised() {
        let health = cut("{\n \"local\": {\"name\": \"a/n1\"},\n \"nodes\": [{").unwrap();
        assert_eq!(health.name.as_deref(), Some("a/n1"));
        assert!(health.health.unwrap().is_cut && !health.is_cut);
        for text in [
            "{\"bpf-maps\": [",
            "{\"cluster\": {\"self\": \"a/n1\"}, \"cluster-mesh\": {",
            "{\"connectivity\": {\"clusters\": {",
            "[{\"name\": \"b\", \"num-nodes\": 2,",
        ] {
            let status = cut(text).unwrap();
            assert!(
                status.is_cut && status.is_status && status.health.is_none(),
                "{text}"
            );
        }
        for text in [
            "{\"apiVersion\": \"v1\", \"items\": [",
            "{",
            "[\"cilium",
            "{\"a\": \"cilium\"",
        ] {
            assert!(cut(text).is_none(), "{text}");
        }
    }
}
