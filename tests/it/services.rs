//! Global services, through the built binary.

use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Renders and gives the output folder.
fn render(mesh: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::cargo_bin("meshgen").unwrap();
    command.args(["render", "--quiet", "-o"]).arg(folder.path());
    command.arg(mesh).assert().success();
    folder
}

fn services(folder: &Path, cluster: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(format!("clusters/{cluster}/30-services.yaml")));
    serde_saphyr::from_multiple(&text.unwrap()).unwrap()
}

fn step(folder: &Path, cluster: usize) -> Value {
    let index: Value =
        serde_json::from_slice(&std::fs::read(folder.join("index.json")).unwrap()).unwrap();
    let steps = index["clusters"][cluster]["steps"].as_array().unwrap();
    let found = steps.iter().find(|step| {
        let file = step["file"].as_str();
        file.is_some_and(|file| file.ends_with("30-services.yaml"))
    });
    found.cloned().unwrap_or_default()
}

/// Two clusters of different Cilium versions with some services.
fn mixed(services: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mesh = folder.path().join("mesh.yaml");
    let text = format!(
        "apiVersion: meshgen/v1\nmesh: test\ntrust: inline\nclusters:\n\
         - {{name: a, id: 1, kkp: \"2.24.15\", cilium: 1.14.16, podCIDRs: [172.1.0.0/16], apiserver: {{ips: [203.0.113.1]}}}}\n\
         - {{name: b, id: 2, kkp: \"2.24.15\", cilium: 1.14.16, podCIDRs: [172.2.0.0/16], apiserver: {{ips: [203.0.113.2]}}}}\n\
         services:\n{services}"
    );
    std::fs::write(&mesh, text).unwrap();
    render(&mesh)
}

#[test]
fn the_guides_example_is_reproduced() {
    let folder = render(&root().join("fixtures/guide-services/mesh.yaml"));
    let expected = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "labels": {"app": "nginx"},
            "name": "nginx-deployment",
            "annotations": {
                "io.cilium/global-service": "true",
                "io.cilium/service-affinity": "local",
            },
        },
        "spec": {
            "type": "LoadBalancer",
            "ports": [{"name": "tcp-80", "port": 80, "protocol": "TCP", "targetPort": 80}],
            "selector": {"app": "nginx"},
        },
    });
    for (at, cluster) in ["cluster-1", "cluster-2"].into_iter().enumerate() {
        assert_eq!(services(folder.path(), cluster), vec![expected.clone()]);
        let step = step(folder.path(), at);
        assert_eq!(step["action"], "apply");
        assert_eq!(
            step["command"],
            format!(
                "kubectl --context {cluster} -n default apply -f clusters/{cluster}/30-services.yaml"
            )
        );
    }
}

#[test]
fn the_service_finds_the_deployment_of_the_example() {
    let text =
        std::fs::read_to_string(root().join("fixtures/guide-services/nginx.deployment.yaml"));
    let deployment: Value = serde_saphyr::from_str(&text.unwrap()).unwrap();
    let folder = render(&root().join("fixtures/guide-services/mesh.yaml"));
    let service = &services(folder.path(), "cluster-1")[0];
    let template = &deployment["spec"]["template"];
    assert_eq!(service["spec"]["selector"], template["metadata"]["labels"]);
    let container = &template["spec"]["containers"][0];
    assert_eq!(
        service["spec"]["ports"][0]["targetPort"],
        container["ports"][0]["containerPort"]
    );
    assert_eq!(service["metadata"]["name"], deployment["metadata"]["name"]);
}

#[test]
fn newer_charts_read_both_spellings_and_none_is_never_spelled_out() {
    let folder = mixed(
        "- {name: plain, ports: [{port: 80}]}\n\
         - {name: none, affinity: none, shared: false, ports: [{port: 80}]}\n\
         - {name: far, affinity: remote, shared: true, ports: [{port: 80}]}\n",
    );
    let of = |at: usize| services(folder.path(), "a")[at]["metadata"]["annotations"].clone();
    assert_eq!(
        of(0),
        json!({"io.cilium/global-service": "true", "service.cilium.io/global": "true"})
    );
    assert_eq!(
        of(1),
        json!({
            "io.cilium/global-service": "true", "io.cilium/shared-service": "false",
            "service.cilium.io/global": "true", "service.cilium.io/shared": "false",
        })
    );
    assert_eq!(
        of(2),
        json!({
            "io.cilium/global-service": "true", "io.cilium/shared-service": "true", "io.cilium/service-affinity": "remote",
            "service.cilium.io/global": "true", "service.cilium.io/shared": "true", "service.cilium.io/affinity": "remote",
        })
    );
}

#[test]
fn each_cluster_gets_its_own_services_and_no_file_without_one() {
    let folder = mixed(
        "- {name: x, namespace: shop, clusters: [a], ports: [{name: web, port: 80, targetPort: http}, {name: dns, port: 53, protocol: UDP}]}\n",
    );
    let expected = json!({
        "ports": [
            {"name": "web", "port": 80, "protocol": "TCP", "targetPort": "http"},
            {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
        ],
        "type": "ClusterIP",
    });
    let found = services(folder.path(), "a");
    assert_eq!(found[0]["spec"], expected);
    assert_eq!(found[0]["metadata"]["namespace"], "shop");
    assert_eq!(
        step(folder.path(), 0)["command"],
        "kubectl --context a apply -f clusters/a/30-services.yaml"
    );
    assert!(!folder.path().join("clusters/b/30-services.yaml").exists());
    assert_eq!(step(folder.path(), 1), Value::Null);
}

#[test]
fn a_strange_word_stays_a_string() {
    let folder = mixed(
        "- {name: 'no', labels: {'on': '1_000'}, selector: {y: 'null'}, ports: [{port: 80, targetPort: 'yes'}]}\n",
    );
    let service = &services(folder.path(), "a")[0];
    assert_eq!(service["metadata"]["name"], "no");
    assert_eq!(service["metadata"]["labels"], json!({"on": "1_000"}));
    assert_eq!(service["spec"]["selector"], json!({"y": "null"}));
    assert_eq!(service["spec"]["ports"][0]["targetPort"], "yes");
    let text = std::fs::read_to_string(folder.path().join("clusters/a/30-services.yaml")).unwrap();
    assert!(
        text.contains("\"on\": \"1_000\"") && text.contains("\"y\": \"null\""),
        "{text}"
    );
}
