//! Two clusters whose dumps lie in each other's folders, told by nothing but their pod ranges.

use std::fs;

use crate::common::{meshgen, run};

const KKP: &str = "apiVersion: kubermatic.k8c.io/v1\nkind: Cluster\nmetadata: {name: NAME}\nspec: {clusterNetwork: {pods: {cidrBlocks: [RANGE]}}}\n";
const CILIUM: &str = "apiVersion: apps.kubermatic.k8c.io/v1\nkind: ApplicationInstallation\nmetadata: {name: cilium, namespace: kube-system}\nspec:\n  valuesBlock: |\n    ipam: {operator: {clusterPoolIPv4PodCIDRList: [RANGE]}}\n";

/// What `validate` says of clusters a, b and c, each of which has this object with the pod range of the cluster beside its name.
fn said(object: &str, dumped: [(&str, &str); 3], typed: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut mesh =
        "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.31.0\", cilium: 1.19.4}\nclusters:\n"
            .to_owned();
    for (id, (name, of)) in (1..).zip(dumped) {
        let typed = typed.replace("NAME", &format!("kkp-{name}"));
        mesh += &format!(
            "- {{name: {name}, id: {id}, {typed}podCIDRs: [{}]}}\n",
            range(name)
        );
        let dumps = folder.join("dumps").join(name);
        fs::create_dir_all(&dumps).unwrap();
        let text = object.replace("RANGE", &range(of));
        let text = text.replace("NAME", &format!("kkp-{of}"));
        fs::write(dumps.join("object.yaml"), text).unwrap();
    }
    fs::write(folder.join("mesh.yaml"), mesh).unwrap();
    run(meshgen().current_dir(folder).arg("validate")).stdout
}

fn range(name: &str) -> String {
    format!("10.{}.0.0/16", name.as_bytes()[0])
}

#[test]
fn exchanged_dumps_are_named_and_mesh_yaml_is_left_alone() {
    for object in [KKP, CILIUM] {
        let said = said(object, [("a", "b"), ("b", "a"), ("c", "c")], "");
        assert_eq!(said.matches("error[input-disagrees]").count(), 2, "{said}");
        for pair in ["a and b", "b and a"] {
            let help = format!("the dumps of {pair} look exchanged");
            assert!(said.contains(&help), "{said}");
        }
        assert!(!said.contains("write `podCIDRs"), "{said}");
    }
}

#[test]
fn a_dump_of_one_other_cluster_is_no_exchange() {
    let said = said(KKP, [("a", "b"), ("b", "b"), ("c", "c")], "");
    assert!(said.contains("write `podCIDRs"), "{said}");
    assert!(!said.contains("exchanged"), "{said}");
}

#[test]
fn the_kkp_cluster_of_another_is_named() {
    let said = said(
        KKP,
        [("a", "b"), ("b", "a"), ("c", "c")],
        "kkpCluster: NAME, ",
    );
    assert!(said.contains("it is the `kkpCluster` of b"), "{said}");
}
