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
