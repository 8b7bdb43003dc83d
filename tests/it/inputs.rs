//! Files that are none: at every place where a file can be named, through the built binary.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const SECRET: &str = "correct-horse-battery-staple";
/// A program that still runs then waits for a FIFO, or reads a device that has no end.
const PATIENCE: Duration = Duration::from_secs(60);

struct Answer {
    code: Option<i32>,
    text: String,
}

fn meshgen(folder: &Path, arguments: &[&str]) -> Answer {
    let mut child = Command::new(crate::common::program())
        .current_dir(folder)
        .args(arguments)
        .env("DB_PASSWORD", SECRET)
        .stdin(Stdio::null())
        .stdout(fs::File::create(folder.join("stdout")).unwrap())
        .stderr(fs::File::create(folder.join("stderr")).unwrap())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{arguments:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let read = |name| fs::read_to_string(folder.join(name)).unwrap();
    Answer {
        code,
        text: read("stdout") + &read("stderr"),
    }
}

/// What stands where a regular file should, with the words that a message has for it.
fn odd_files(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let fifo = folder.join("fifo");
    let mode = rustix::fs::Mode::RUSR;
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, kind, mode, 0).unwrap();
    let socket = folder.join("socket");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let huge = folder.join("huge.yaml");
    let file = fs::File::create(&huge).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    vec![
        (fifo, "it is a FIFO"),
        (socket, "it is a socket"),
        (huge, "it is larger than 64 MiB"),
        (PathBuf::from("/dev/zero"), "it is a device"),
    ]
}

fn with_mesh(cluster: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "apiVersion: meshgen/v1\nmesh: odd\ndefaults: {{kkp: \"2.31\", cilium: 1.19.4}}\nclusters:\n\
         - {{name: a, id: 1, podCIDRs: [172.25.0.0/16], {cluster}}}\n"
    );
    fs::write(folder.path().join("mesh.yaml"), text).unwrap();
    folder
}

#[test]
fn a_mesh_file_that_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (path, words) in odd_files(folder.path()) {
        let answer = meshgen(folder.path(), &["validate", path.to_str().unwrap()]);
        assert_eq!(answer.code, Some(2), "{}", answer.text);
        assert!(answer.text.contains(words), "{}", answer.text);
    }
}

#[test]
fn dumps_and_keys_that_are_no_files_are_named() {
    let files = tempfile::tempdir().unwrap();
    for (path, words) in odd_files(files.path()) {
        let path = path.display();
        for cluster in [
            format!("dumps: ['{path}']"),
            format!("ca: {{cert: {{file: '{path}'}}, key: {{file: '{path}'}}}}"),
            format!("remoteCert: {{cert: {{file: '{path}'}}, key: {{file: '{path}'}}}}"),
        ] {
            let folder = with_mesh(&cluster);
            let answer = meshgen(folder.path(), &["validate"]);
            assert_eq!(answer.code, Some(0), "{}", answer.text);
            assert!(answer.text.contains("input-missing"), "{}", answer.text);
            assert!(answer.text.contains(words), "{}", answer.text);
        }
    }
}

#[test]
fn no_line_of_a_file_that_is_none_of_ours_is_shown() {
    let files = tempfile::tempdir().unwrap();
    let texts = [
        ("not.yaml", format!("{{ {SECRET}\n")),
        ("other.yaml", format!("password: {SECRET}\n")),
        ("scalar.yaml", format!("{SECRET}\n")),
        ("list.yaml", format!("- {SECRET}\n")),
        ("twice.yaml", format!("a: {SECRET}\na: {SECRET}\n")),
        ("kind.yaml", format!("kind: a {SECRET}\napiVersion: v1\n")),
        ("binary.yaml", format!("\u{1}DB={SECRET}\0kind: x\n")),
    ];
    let mut paths = vec!["/proc/self/environ".to_owned()];
    for (name, text) in texts {
        fs::write(files.path().join(name), text).unwrap();
        paths.push(files.path().join(name).display().to_string());
    }
    for path in paths {
        let folder = with_mesh(&format!("dumps: ['{path}']"));
        fs::remove_file(folder.path().join("linked.yaml")).ok();
        std::os::unix::fs::symlink(&path, folder.path().join("linked.yaml")).unwrap();
        for format in ["text", "json", "github", "sarif"] {
            for mesh in ["mesh.yaml", "linked.yaml"] {
                let answer = meshgen(folder.path(), &["validate", mesh, "--format", format]);
                assert!(!answer.text.contains(SECRET), "{path}: {}", answer.text);
                let is_told = [
                    "dump-unused",
                    "syntax",
                    "wrong-type",
                    "key-missing",
                    "unknown-key",
                ]
                .iter()
                .any(|code| answer.text.contains(code));
                assert!(is_told, "{path}: {}", answer.text);
            }
        }
    }
}

#[test]
fn a_mesh_file_is_read_from_standard_input() {
    let folder = with_mesh("dumps: dumps/a/");
    let mesh = fs::File::open(folder.path().join("mesh.yaml")).unwrap();
    fs::create_dir_all(folder.path().join("dumps/a")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_meshgen"))
        .current_dir(folder.path())
        .args(["validate", "-"])
        .stdin(mesh)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_file_that_is_none_hangs_no_command_wherever_it_stands() {
    let files = tempfile::tempdir().unwrap();
    let odd = odd_files(files.path());
    let places = [
        "dumps/a/a.yaml",
        "dumps/a/.due",
        "mesh.lock.yaml",
        "checks/a/status.txt",
        "out/index.json",
    ];
    let commands: [&[&str]; 4] = [
        &["validate"],
        &["plan"],
        &["verify", "--checks", "checks"],
        &["render", "-o", "out"],
    ];
    for (path, what) in &odd {
        for place in places {
            let folder = with_mesh("dumps: dumps/a/, apiserver: {ips: [203.0.113.1]}");
            for sub in ["dumps/a", "checks/a", "out"] {
                fs::create_dir_all(folder.path().join(sub)).unwrap();
            }
            std::os::unix::fs::symlink(path, folder.path().join(place)).unwrap();
            for command in commands {
                let answer = meshgen(folder.path(), command);
                assert!(
                    matches!(answer.code, Some(0..=2)) && !answer.text.contains("panicked"),
                    "{what} at {place}, {command:?}: {}",
                    answer.text
                );
            }
        }
    }
    println!(
        "{} kinds at {} places, {} commands: all ended",
        odd.len(),
        places.len(),
        commands.len()
    );
}

#[test]
fn more_values_than_are_read_are_one_finding() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = vec!["192.0.2.1"; 1000].join(", ");
    let clusters = (1..=511).map(|id| format!("- {{name: c{id}, id: {id}}}\n"));
    let text = format!(
        "apiVersion: meshgen/v1\ndefaults: {{nodes: [{nodes}]}}\nclusters:\n{}",
        clusters.collect::<String>()
    );
    fs::write(folder.path().join("mesh.yaml"), text).unwrap();
    let answer = meshgen(folder.path(), &["validate", "--format", "json"]);
    assert_eq!(answer.code, Some(1), "{}", answer.text);
    assert!(
        answer.text.contains("meshgen reads no more than 200000"),
        "{}",
        answer.text
    );
    assert_eq!(
        answer.text.matches("\"code\"").count(),
        1,
        "{}",
        answer.text
    );
}

#[test]
fn a_dumps_path_that_is_none_is_in_no_command() {
    for path in ["''", "/", "//"] {
        let folder = with_mesh(&format!("dumps: {path}"));
        let answer = meshgen(folder.path(), &["validate"]);
        assert!(answer.text.contains("format-invalid"), "{}", answer.text);
        for command in ["mkdir -p ''", "mkdir -p /", "> /"] {
            assert!(!answer.text.contains(command), "{path}: {}", answer.text);
        }
    }
}

#[test]
fn a_mesh_file_of_too_many_values_is_not_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let keys = (0..200_001).map(|at| format!("k{at}: 1\n"));
    let text = format!("apiVersion: meshgen/v1\n{}", keys.collect::<String>());
    fs::write(folder.path().join("mesh.yaml"), text).unwrap();
    let answer = meshgen(folder.path(), &["validate"]);
    assert_eq!(answer.code, Some(1), "{}", answer.text);
    let said = "this file is too large: it has more than 200,000 values, and meshgen reads no more";
    assert!(answer.text.contains(said), "{}", answer.text);
}

#[test]
fn an_object_that_no_cluster_can_have_is_not_read() {
    let folder = with_mesh("dumps: [dump.yaml]");
    let lines = (0..150_000).map(|at| format!("    key{at}: a value of the chart\n"));
    let object = format!(
        "apiVersion: apps.kubermatic.k8c.io/v1\nkind: ApplicationInstallation\nmetadata: {{name: cilium, namespace: kube-system, uid: u}}\n\
         spec:\n  applicationRef: {{name: cilium, version: 1.18.10}}\n  valuesBlock: |\n{}",
        lines.collect::<String>()
    );
    fs::write(folder.path().join("dump.yaml"), object).unwrap();
    let answer = meshgen(folder.path(), &["validate"]);
    assert_eq!(answer.code, Some(1), "{}", answer.text);
    assert!(
        answer.text.contains("this object is larger than 4 MiB"),
        "{}",
        answer.text
    );
}

#[test]
fn two_dumps_of_a_node_that_differ_in_what_is_not_read_still_differ() {
    let node = |zone: &str| {
        format!(
            "apiVersion: v1\nkind: Node\nmetadata: {{name: n, uid: u, labels: {{zone: {zone}}}}}\n\
             status: {{addresses: [{{type: InternalIP, address: 192.0.2.1}}], images: [{{names: [x]}}]}}\n"
        )
    };
    for (second, is_foreign) in [("a", false), ("b", true)] {
        let folder = with_mesh("dumps: [one.yaml, two.yaml]");
        fs::write(folder.path().join("one.yaml"), node("a")).unwrap();
        fs::write(folder.path().join("two.yaml"), node(second)).unwrap();
        let answer = meshgen(folder.path(), &["validate"]);
        assert_eq!(
            answer.text.contains("dump-foreign"),
            is_foreign,
            "{}",
            answer.text
        );
    }
}

#[test]
fn a_path_out_of_the_folder_is_said_unless_git_tracks_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path();
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git")
            .current_dir(top)
            .args(arguments)
            .output();
        done.is_ok_and(|done| done.status.success())
    };
    if !git(&["init", "-q"]) {
        eprintln!("SKIPPED: no git here");
        return;
    }
    for name in ["mesh", "shared/tracked", "shared/own"] {
        fs::create_dir_all(top.join(name)).unwrap();
    }
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";
    for name in [
        "shared/tracked/a.yaml",
        "shared/own/a.yaml",
        "shared/a.yaml",
    ] {
        fs::write(top.join(name), map).unwrap();
    }
    assert!(git(&["add", "shared/tracked", "shared/a.yaml"]));
    let is_said = |dumps: &str| {
        let text = format!(
            "apiVersion: meshgen/v1\nclusters:\n- {{name: a, id: 1, kkp: \"2.31.0\", cilium: 1.19.4, dumps: {dumps}}}\n"
        );
        fs::write(top.join("mesh/mesh.yaml"), text).unwrap();
        meshgen(&top.join("mesh"), &["validate"])
            .text
            .contains("path-outside")
    };
    for (dumps, expected) in [
        ("[../shared/a.yaml]", false),
        ("../shared/tracked", false),
        ("../shared/own", true),
        ("[../shared/own/a.yaml]", true),
        ("[../nothing.yaml]", true),
        ("[/etc/hostname]", true),
    ] {
        assert_eq!(is_said(dumps), expected, "{dumps}");
    }
    fs::write(top.join("shared/tracked/new.yaml"), map).unwrap();
    assert!(is_said("../shared/tracked"));
}

#[test]
fn no_line_of_a_file_that_a_link_passes_off_as_the_lock_is_shown() {
    let folder = with_mesh("dumps: [dump.yaml]");
    let beside = folder.path().join("secrets.txt");
    for text in [
        "hunter2 is the password\n",
        "hunter2: {a: 1}\n",
        "- hunter2\n",
        "hunter2: [\n",
    ] {
        fs::write(&beside, text).unwrap();
        let _ = std::os::unix::fs::symlink("secrets.txt", folder.path().join("mesh.lock.yaml"));
        let answer = meshgen(folder.path(), &["validate"]);
        assert_eq!(answer.code, Some(1), "{}", answer.text);
        assert!(answer.text.contains("mesh.lock.yaml"), "{}", answer.text);
        assert!(!answer.text.contains("hunter2"), "{}", answer.text);
    }
}
