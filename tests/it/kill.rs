//! Whoever kills meshgen, or presses Ctrl-C, at any moment finds every file old or new, and the next run puts all right.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const CLUSTERS: usize = 24;
const KILLS: u32 = 60;

fn mesh(folder: &Path, name: &str, octet: usize) -> PathBuf {
    let mut text = format!(
        "apiVersion: meshgen/v1\nmesh: {name}\ntrust: inline\ndefaults: {{kkp: \"2.24.15\", cilium: 1.14.16}}\nclusters:\n"
    );
    for id in 1..=CLUSTERS {
        text += &format!(
            "- {{name: c{id}, id: {id}, podCIDRs: [10.{id}.0.0/16], nodeCIDRs: [172.{octet}.{id}.0/24], apiserver: {{ips: [203.{octet}.113.{id}]}}}}\n"
        );
    }
    let file = folder.join(format!("{name}.yaml"));
    fs::write(&file, text).unwrap();
    file
}

fn render(mesh: &Path, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meshgen"));
    command.args(["render", "--quiet", "-o"]).arg(out).arg(mesh);
    command.stderr(Stdio::null());
    command
}

/// Every file but those that wait aside.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with(".meshgen-") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                let content = fs::read(&path).unwrap();
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), content);
            }
        }
    }
    found
}

/// How much of a run is left aside.
fn aside(folder: &Path) -> usize {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with(".meshgen-"))
        .count()
}

/// Kills a run, or does what Ctrl-C does; either may come too late.
fn stop(child: &mut Child, by_ctrl_c: bool) {
    if by_ctrl_c {
        // A builtin of every shell, while the program of that name may be absent.
        let interrupt = format!("kill -INT {}", child.id());
        let mut shell = Command::new("sh");
        shell.args(["-c", &interrupt]).stderr(Stdio::null());
        shell.status().unwrap();
    } else {
        let _ = child.kill();
    }
    child.wait().unwrap();
}

#[test]
fn killed_at_any_moment_it_leaves_each_file_old_or_new() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (
        mesh(folder.path(), "one", 16),
        mesh(folder.path(), "two", 17),
    );
    let whole = |mesh: &Path, name: &str| {
        let out = folder.path().join(name);
        assert!(render(mesh, &out).status().unwrap().success());
        files(&out)
    };
    let states = [whole(&one, "whole-one"), whole(&two, "whole-two")];
    assert_eq!(states[0].len(), states[1].len());
    let start = std::time::Instant::now();
    whole(&one, "timed");
    let run = start.elapsed();

    let out = folder.path().join("out");
    assert!(render(&one, &out).status().unwrap().success());
    let mut mixed = 0;
    for kill in 0..KILLS {
        let mesh = if kill % 2 == 0 { &two } else { &one };
        let (before, left) = (files(&out), aside(&out));
        let mut child = render(mesh, &out).spawn().unwrap();
        // Spread over the whole run, the end of which renames.
        std::thread::sleep(run * kill / KILLS + Duration::from_micros(u64::from(kill * 37 % 500)));
        stop(&mut child, kill % 3 == 0);
        let found = files(&out);
        assert_eq!(
            found.keys().collect::<Vec<_>>(),
            states[0].keys().collect::<Vec<_>>()
        );
        for (path, content) in &found {
            assert!(
                states.iter().any(|state| state[path] == *content),
                "kill {kill}: {} is neither old nor new",
                path.display()
            );
        }
        let is_mixed = states.iter().all(|state| *state != found);
        mixed += usize::from(is_mixed);
        let is_marked = out.join(".meshgen-incomplete").exists();
        assert!(is_marked || !is_mixed, "kill {kill}: half, and not marked");
        if kill % 3 == 0 {
            let is_old = found == before;
            assert!(
                is_old || !is_mixed,
                "kill {kill}: a signal leaves old files or new ones"
            );
            assert!(
                aside(&out) <= left,
                "kill {kill}: a signal leaves nothing aside"
            );
        }
    }
    println!("{mixed} of {KILLS} kills came between two renames");
    assert!(render(&two, &out).status().unwrap().success());
    assert!(files(&out) == states[1], "the next run repairs");
    assert_eq!(aside(&out), 0, "the next run removes what killed ones left");
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    use std::io::Read;
    let folder = tempfile::tempdir().unwrap();
    let mesh = mesh(folder.path(), "one", 16);
    for arguments in [
        ["render", "--quiet"].as_slice(),
        &["firewall"],
        &["firewall", "--format", "csv"],
        &["firewall", "--format", "nft", "--cluster", "c1"],
        &["validate"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_meshgen"));
        command
            .args(arguments)
            .arg(&mesh)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = [0];
        let mut stdout = child.stdout.take().unwrap();
        let _ = stdout.read(&mut first);
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && !said.contains("panic"),
            "{arguments:?}: {said}"
        );
    }
}
