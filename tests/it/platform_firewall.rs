//! `platform-firewall`: what KKP's own firewall closes, by provider, and who reaches node ports.

use std::fs;

use serde_json::Value;

use crate::common::meshgen;

/// The findings of the rule for a mesh of two clusters, of which the second is as said.
fn findings(second: &str, dump: Option<&str>) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let mesh = format!(
        r#"apiVersion: meshgen/v1
mesh: example
seed: {{context: seed-1}}
defaults: {{kkp: "2.31.0", cilium: 1.19.4}}
clusters:
  - {{name: one, id: 1, podCIDRs: [172.25.0.0/16], nodeCIDRs: [10.0.1.0/24, "fd00:1::/64"], nodes: [10.9.9.9], apiserver: {{ips: [203.0.113.10]}}}}
  - {{name: two, id: 2, podCIDRs: [172.26.0.0/16], nodeCIDRs: [10.0.2.0/24], {second}}}
"#
    );
    fs::write(folder.path().join("mesh.yaml"), mesh).unwrap();
    if let Some(dump) = dump {
        fs::create_dir_all(folder.path().join("dumps/two")).unwrap();
        fs::write(folder.path().join("dumps/two/kkp.cluster.yaml"), dump).unwrap();
    }
    let mut command = meshgen();
    command
        .current_dir(folder.path())
        .args(["validate", "--format", "json"]);
    let output = command.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = report["findings"].as_array().unwrap().iter();
    all.filter(|finding| finding["code"] == "platform-firewall")
        .cloned()
        .collect()
}

fn severity(second: &str) -> Option<String> {
    let found = findings(second, None);
    assert!(found.len() < 2, "{found:#?}");
    let severity = found.first()?["severity"].as_str()?;
    Some(severity.to_owned())
}

#[test]
fn each_provider_with_a_firewall_of_kkps_is_told() {
    let lb = "apiserver: {ips: [203.0.113.20]}";
    for (provider, expected) in [
        ("kubevirt", Some("warning")),
        ("KubeVirt", Some("warning")),
        ("azure", Some("warning")),
        ("openstack", Some("note")),
        ("aws", Some("note")),
        ("gcp", Some("note")),
        ("hetzner", None),
    ] {
        let found = severity(&format!("provider: {provider}, {lb}"));
        assert_eq!(found.as_deref(), expected, "{provider}");
    }
}

#[test]
fn on_kkp_2_22_kubevirt_closes_the_way_in() {
    let second =
        "provider: kubevirt, kkp: \"2.22.4\", cilium: 1.13.0, apiserver: {ips: [203.0.113.20]}";
    let message = findings(second, None)[0]["message"].clone();
    let message = message.as_str().unwrap();
    assert!(message.contains("nothing of other clusters"), "{message}");
}

#[test]
fn a_security_group_of_ones_own_is_left_alone_by_kkp() {
    let narrow = "nodePortsAllowedIPRanges: {cidrBlocks: [192.0.2.0/24]}";
    let said = |cloud: &str, group: &str| {
        let cloud = format!("{{providerName: {cloud}, {cloud}: {{{narrow}, {group}}}}}");
        findings(NODE_PORT, Some(&kkp_cluster(&cloud))).len()
    };
    for (cloud, field, expected) in [
        ("openstack", "securityGroups: mine", 0),
        ("openstack", "securityGroups: kubernetes-abc123", 2),
        (
            "openstack",
            "securityGroups: \"mine, kubernetes-abc123\"",
            2,
        ),
        ("openstack", "securityGroups: \"\"", 2),
        ("azure", "securityGroup: mine", 0),
        ("azure", "securityGroup: kubernetes-abc123", 2),
        ("aws", "securityGroupID: sg-1", 2),
    ] {
        assert_eq!(said(cloud, field), expected, "{cloud}, {field}");
    }
}

fn kkp_cluster(cloud: &str) -> String {
    format!(
        "apiVersion: kubermatic.k8c.io/v1\nkind: Cluster\nmetadata: {{name: abc123}}\nspec:\n  cloud: {cloud}\n  cniPlugin: {{type: cilium}}\n"
    )
}

const NODE_PORT: &str = "apiserver: {service: {type: NodePort, nodePort: 32380}, ips: [10.0.2.4]}";

#[test]
fn who_may_not_reach_a_node_port_is_an_error_with_the_patch() {
    let cloud = "{providerName: aws, aws: {nodePortsAllowedIPRanges: {cidrBlocks: [10.0.1.0/24]}}}";
    let found = findings(NODE_PORT, Some(&kkp_cluster(cloud)));
    let error = found
        .iter()
        .find(|finding| finding["severity"] == "error")
        .unwrap();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("10.9.9.9/32 is missing"), "{message}");
    assert_eq!(error["primary"]["file"], "dumps/two/kkp.cluster.yaml");
    assert_eq!(error["primary"]["line"], 5);
    let help = error["help"].as_str().unwrap();
    assert_eq!(
        help,
        "on the seed: `kubectl --context seed-1 patch clusters.kubermatic.k8c.io abc123 --type merge -p '{\"spec\":{\"cloud\":{\"aws\":{\"nodePortsAllowedIPRanges\":{\"cidrBlocks\":[\"10.0.1.0/24\",\"10.9.9.9/32\"]}}}}}'`"
    );
}

#[test]
fn on_openstack_the_group_itself_must_be_changed_too() {
    let cloud = "{providerName: openstack, openstack: {nodePortsAllowedIPRange: 10.0.1.0/24}}";
    let found = findings(NODE_PORT, Some(&kkp_cluster(cloud)));
    let error = found
        .iter()
        .find(|finding| finding["severity"] == "error")
        .unwrap();
    let help = error["help"].as_str().unwrap();
    assert!(help.contains("the group `kubernetes-abc123`"), "{help}");
}

#[test]
fn who_may_reach_it_is_not_named() {
    let errors = |second: &str, cloud: &str| {
        let found = findings(second, Some(&kkp_cluster(cloud)));
        found
            .iter()
            .filter(|finding| finding["severity"] == "error")
            .count()
    };
    let covered = "{aws: {nodePortsAllowedIPRanges: {cidrBlocks: [10.0.0.0/16]}, nodePortsAllowedIPRange: 10.9.0.0/16}}";
    assert_eq!(errors(NODE_PORT, covered), 0);
    let everybody = "{aws: {nodePortsAllowedIPRanges: {cidrBlocks: []}}}";
    assert_eq!(errors(NODE_PORT, everybody), 0);
    let balanced = "apiserver: {ips: [203.0.113.20]}";
    let narrow = "{aws: {nodePortsAllowedIPRanges: {cidrBlocks: [192.0.2.0/24]}}}";
    assert_eq!(errors(balanced, narrow), 0);
    assert_eq!(errors(NODE_PORT, narrow), 1);
}
