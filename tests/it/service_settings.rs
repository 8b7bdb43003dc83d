//! Settings of the Service of clustermesh-apiserver, which not every chart has, through the built binary.

use std::fs;

use assert_cmd::Command;

/// The patch of a cluster with every such setting, on this chart.
fn patch(chart: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mesh = format!(
        "apiVersion: meshgen/v1\nmesh: test\ndefaults: {{kkp: \"2.24.15\", cilium: {chart}}}\ntrust: inline\nclusters:\n\
         - {{name: a, id: 1, podCIDRs: [172.1.0.0/16], apiserver: {{ips: [203.0.113.1], service: {{\
           loadBalancerClass: metallb, loadBalancerSourceRanges: [10.0.0.0/8]}}}}}}\n\
         - {{name: b, id: 2, podCIDRs: [172.2.0.0/16]}}\n"
    );
    fs::write(folder.path().join("mesh.yaml"), mesh).unwrap();
    let mut command = Command::cargo_bin("meshgen").unwrap();
    let arguments = [
        "render",
        "mesh.yaml",
        "-q",
        "--phase",
        "bootstrap",
        "--cluster",
        "a",
    ];
    let run = command.current_dir(folder.path()).args(arguments).assert();
    String::from_utf8(run.success().get_output().stdout.clone()).unwrap()
}

/// A chart that does not know a setting ignores it: the patch would promise what the cluster does not do.
#[test]
fn a_chart_is_given_only_the_settings_that_it_has() {
    for (chart, has_class) in [("1.14.16", false), ("1.15.6", false), ("1.15.7", true)] {
        let patch = patch(chart);
        assert!(patch.contains("type: LoadBalancer"), "{chart}: {patch}");
        assert_eq!(
            patch.contains("loadBalancerClass: metallb"),
            has_class,
            "{chart}: {patch}"
        );
        // From 1.17.0 on.
        assert!(
            !patch.contains("loadBalancerSourceRanges"),
            "{chart}: {patch}"
        );
    }
}
