//! `meshgen report`: one page that holds no key, needs nothing from elsewhere and is the same on every day.

use std::path::Path;

use crate::common::{NOW, fixtures, meshgen, run};

fn report(mesh: &str, out: &Path, args: &[&str]) -> String {
    let made = run(meshgen().args(["report", mesh, "-o"]).arg(out).args(args));
    assert_eq!(made.code, 0, "{mesh}: {}", made.stderr);
    std::fs::read_to_string(out).unwrap()
}

#[test]
fn no_page_holds_a_key_or_asks_for_anything() {
    let folder = tempfile::tempdir().unwrap();
    for fixture in fixtures() {
        let out = folder.path().join("page.html");
        let made = run(meshgen()
            .args(["report", &fixture.mesh, "--now", NOW, "-o"])
            .arg(&out));
        assert_eq!(made.code, 0, "{}: {}", fixture.name, made.stderr);
        let page = std::fs::read_to_string(&out).unwrap();
        for word in [
            "PRIVATE KEY",
            "BEGIN CERT",
            "LS0t",
            "<script",
            "src=",
            "url(",
            "@import",
            "http://",
        ] {
            assert!(!page.contains(word), "{}: {word}", fixture.name);
        }
        assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    }
}

#[test]
fn ranges_overlaps_and_ends_are_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("page.html");
    let page = report("fixtures/rules/pod-cidr-overlap/bad/mesh.yaml", &out, &[]);
    assert!(page.contains("class=\"pods clash\""), "{page}");
    assert!(page.contains("error[pod-cidr-overlap]"));
    let page = report("fixtures/meshes/five-clusters/mesh.yaml", &out, &[]);
    assert!(page.contains("172.27.0.0&#x2f;16 (pods)") && page.contains("to 2036-11-01"));
}

#[test]
fn without_a_time_nothing_is_said_of_today() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("page.html");
    let mesh = "fixtures/meshes/five-clusters/mesh.yaml";
    let without = report(mesh, &out, &[]);
    for word in ["today</text>", "checked for", "ended", "ends soon"] {
        assert!(
            !without.contains(&format!(">{word}")) || word == "ended",
            "{word}"
        );
    }
    assert!(!without.contains(": ended") && !without.contains("checked for"));
    let late = report(mesh, &out, &["--now", "2040-01-01T00:00:00Z"]);
    assert!(late.contains(": ended") && late.contains("checked for 2040-01-01"));
}

#[test]
fn render_writes_the_same_page() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mesh = "fixtures/guide/mesh.yaml";
    let rendered = run(meshgen()
        .args(["render", mesh, "-q", "--report", "-o"])
        .arg(&out));
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Cilium Cluster Mesh of 2 clusters"));
    let index = std::fs::read_to_string(out.join("index.json")).unwrap();
    assert!(index.contains("\"kind\": \"report\""), "{index}");
    let again = run(meshgen().args(["render", mesh, "-q", "-o"]).arg(&out));
    assert_eq!(again.code, 0);
    assert!(
        !out.join("report.html").exists(),
        "it is no longer asked for"
    );
}

#[test]
fn names_that_look_like_markup_are_text() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = folder.path().join("mesh.yaml");
    let text = "apiVersion: meshgen/v1\nmesh: \"<img src=x onerror=alert(1)>\"\ndefaults: {kkp: \"2.24.15\", cilium: 1.14.16}\nclusters:\n- {name: a, id: 1, podCIDRs: [10.1.0.0/16]}\n";
    std::fs::write(&mesh, text).unwrap();
    let out = folder.path().join("page.html");
    let made = run(meshgen().arg("report").arg(&mesh).arg("-o").arg(&out));
    assert_eq!(made.code, 0, "{}", made.stderr);
    let page = std::fs::read_to_string(&out).unwrap();
    assert!(!page.contains("<img") && page.contains("&lt;img"), "{page}");
}

#[test]
fn a_page_of_64_clusters_is_below_a_megabyte() {
    let folder = tempfile::tempdir().unwrap();
    let mut text =
        "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.24.15\", cilium: 1.14.16}\nclusters:\n"
            .to_owned();
    for id in 1..=64 {
        text += &format!(
            "- {{name: cluster-{id}, id: {id}, podCIDRs: [10.{id}.0.0/16], nodeCIDRs: [172.16.{id}.0/24], apiserver: {{ips: [203.0.113.{id}]}}}}\n"
        );
    }
    std::fs::write(folder.path().join("mesh.yaml"), text).unwrap();
    let out = folder.path().join("page.html");
    let made = run(meshgen()
        .current_dir(folder.path())
        .args(["report", "-o"])
        .arg(&out));
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(std::fs::metadata(&out).unwrap().len() < 1 << 20);
}

#[test]
fn saved_outputs_become_a_matrix_of_health() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("page.html");
    let health = |case: &str| {
        let case = format!("fixtures/verify/{case}");
        let checks = format!("{case}/checks");
        report(&format!("{case}/mesh.yaml"), &out, &["--checks", &checks])
    };
    let well = health("guide-example-both-ways");
    assert!(well.contains("Every pair was seen healthy"), "{well}");
    assert!(well.contains("<a href=\"#health\">") && well.contains("id=\"health\""));
    let blocked = health("one-way-block");
    assert!(
        blocked.contains("Not every pair was seen healthy"),
        "{blocked}"
    );
    assert!(blocked.contains("firewall-health") && blocked.contains(">×</td>"));
    let without = report("fixtures/verify/one-way-block/mesh.yaml", &out, &[]);
    assert!(!without.contains("id=\"health\""));
    let nowhere = run(meshgen()
        .args([
            "report",
            "fixtures/guide/mesh.yaml",
            "--checks",
            "nowhere",
            "-o",
        ])
        .arg(folder.path().join("other.html")));
    assert_eq!(nowhere.code, 2, "{}", nowhere.stderr);
    assert!(!folder.path().join("other.html").exists());
}

#[test]
fn a_page_replaces_nothing_but_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let page = |name: &str| {
        let mesh = crate::common::root().join("fixtures/guide/mesh.yaml");
        let mut command = crate::common::meshgen();
        command.current_dir(folder.path());
        crate::common::run(command.arg("report").arg(mesh).args(["-o", name])).code
    };
    std::fs::write(folder.path().join("ca.key"), "a key").unwrap();
    std::os::unix::fs::symlink("ca.key", folder.path().join("link.html")).unwrap();
    for name in ["ca.key", "link.html", "."] {
        assert_eq!(page(name), 2, "{name}");
    }
    assert_eq!(
        std::fs::read_to_string(folder.path().join("ca.key")).unwrap(),
        "a key"
    );
    assert_eq!((page("page.html"), page("page.html")), (0, 0));
}
