//! Clusters whose current values differ in how packets travel, through the built binary.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

const MESH: &str = "apiVersion: meshgen/v1
mesh: test
trust: inline
defaults: {kkp: \"2.24.15\", cilium: 1.14.16}
clusters:
- {name: a, id: 1, podCIDRs: [172.25.0.0/16], nodeCIDRs: [10.0.1.0/24], dumps: [a.yaml]}
- {name: b, id: 2, podCIDRs: [172.26.0.0/16], nodeCIDRs: [10.0.2.0/24], dumps: [b.yaml]}
";

/// What `render` says, and how it ends, where cluster a has these values besides KKP's own.
fn render(values: &str) -> (bool, String) {
    let (rendered, said, _) = render_both([values, ""], MESH);
    (rendered, said)
}

/// The same with values of both clusters and another mesh.yaml, and the UDP ports of the firewall's rules.
fn render_both(values: [&str; 2], mesh: &str) -> (bool, String, Vec<u64>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mesh.yaml"), mesh).unwrap();
    let version = mesh.split("cilium: ").nth(1).unwrap();
    let version = version.split(['}', ',']).next().unwrap();
    write_dump(&folder.path().join("a.yaml"), version, values[0]);
    write_dump(&folder.path().join("b.yaml"), version, values[1]);
    let output = Command::cargo_bin("meshgen")
        .unwrap()
        .current_dir(folder.path())
        .args(["render", "mesh.yaml", "-o", "out"])
        .output()
        .unwrap();
    let rules = fs::read_to_string(folder.path().join("out/firewall/rules.json"));
    let rules: Vec<serde_json::Value> = rules
        .map(|text| serde_json::from_str(&text).unwrap())
        .unwrap_or_default();
    let udp = rules.iter().filter(|rule| rule["protocol"] == "udp");
    let mut ports: Vec<u64> = udp.map(|rule| rule["port"].as_u64().unwrap()).collect();
    ports.sort_unstable();
    ports.dedup();
    (
        output.status.success(),
        String::from_utf8(output.stderr).unwrap(),
        ports,
    )
}

fn write_dump(path: &Path, version: &str, values: &str) {
    let text = format!(
        "apiVersion: apps.kubermatic.k8c.io/v1
kind: ApplicationInstallation
metadata: {{name: cilium, namespace: kube-system}}
spec:
  applicationRef: {{name: cilium, version: {version}}}
  namespace: {{name: kube-system, create: false}}
  values:
    kubeProxyReplacement: disabled
    operator: {{replicas: 1}}
{values}"
    );
    fs::write(path, text).unwrap();
}

/// It is switched on cluster by cluster, and plain packets still arrive.
#[test]
fn encryption_may_differ_while_it_is_switched_on() {
    let (rendered, said) = render("    encryption: {enabled: true, type: wireguard}\n");
    assert!(said.contains("warning[datapath-differs]"), "{said}");
    assert!(rendered, "{said}");
}

#[test]
fn another_tunnel_is_no_mesh() {
    let (rendered, said) = render("    tunnel: geneve\n");
    assert!(said.contains("error[datapath-differs]"), "{said}");
    assert!(!rendered, "{said}");
}

/// Which tunnel a chart makes of the same keys, told by the port that the firewall rules open: 1.13 knows
/// `tunnel` alone, 1.14 all three keys with the newer ones on top, newer charts only those.
#[test]
fn firewall_rules_follow_what_the_chart_makes_of_the_values() {
    let cases: [(&str, &str, &str, &[u64]); 9] = [
        ("2.22.0", "1.13.0", "tunnel: geneve", &[6081]),
        ("2.22.0", "1.13.0", "tunnelProtocol: geneve", &[8472]),
        ("2.24.15", "1.14.16", "tunnel: geneve", &[6081]),
        (
            "2.24.15",
            "1.14.16",
            "{tunnel: geneve, tunnelProtocol: vxlan}",
            &[8472],
        ),
        (
            "2.24.15",
            "1.14.16",
            "{tunnel: disabled, routingMode: tunnel}",
            &[8472],
        ),
        ("2.26.0", "1.15.3", "tunnel: geneve", &[8472]),
        ("2.26.0", "1.15.3", "tunnelProtocol: geneve", &[6081]),
        (
            "2.26.0",
            "1.15.3",
            "{tunnelProtocol: geneve, tunnelPort: 7000}",
            &[7000],
        ),
        (
            "2.26.0",
            "1.15.3",
            "{tunnelProtocol: geneve, routingMode: native}",
            &[],
        ),
    ];
    for (kkp, cilium, keys, expected) in cases {
        let mesh = MESH
            .replace("2.24.15", kkp)
            .replace("1.14.16", cilium)
            .replace("trust: inline\n", "");
        let keys: String = keys
            .trim_matches(['{', '}'])
            .split(", ")
            .map(|key| format!("    {key}\n"))
            .collect();
        let (rendered, said, ports) = render_both([&keys, &keys], &mesh);
        assert!(rendered, "{cilium} {keys}: {said}");
        assert_eq!(ports, expected, "{cilium} {keys}: {said}");
    }
}

#[test]
fn an_mtu_that_is_set_is_the_same_everywhere() {
    let (rendered, said, _) = render_both(["    MTU: 8942\n", "    MTU: 1400\n"], MESH);
    assert!(
        said.contains("warning[datapath-differs]: b has MTU 1400, a has 8942"),
        "{said}"
    );
    assert!(rendered, "{said}");
    let (_, said, _) = render_both(["    MTU: 8942\n", ""], MESH);
    assert!(!said.contains("MTU"), "{said}");
}

#[test]
fn versions_that_can_never_connect_are_an_error() {
    let mesh = |old: &str, new: &str| {
        format!(
            "apiVersion: meshgen/v1\nclusters:\n\
             - {{name: a, id: 1, kkp: \"2.22.0\", cilium: {old}, podCIDRs: [172.25.0.0/16]}}\n\
             - {{name: b, id: 2, kkp: \"2.27.0\", cilium: {new}, podCIDRs: [172.26.0.0/16]}}\n"
        )
    };
    for (old, new, expected) in [
        ("1.13.0", "1.16.6", "error[version-skew]"),
        ("1.13.14", "1.18.10", "error[version-skew]"),
        ("1.13.0", "1.15.10", "warning[version-skew]"),
        ("1.14.16", "1.20.0", "warning[version-skew]"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mesh.yaml");
        fs::write(&file, mesh(old, new)).unwrap();
        let mut validate = Command::cargo_bin("meshgen").unwrap();
        let output = validate.arg("validate").arg(&file).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(expected), "{old} {new}: {said}");
    }
}
