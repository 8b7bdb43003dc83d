//! Whoever kills meshgen, or presses Ctrl-C, at any moment finds every file old or new, and the next run puts all right.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::common::{Dice, program, rounds};

const CLUSTERS: usize = 24;
/// `KILL` leaves no time to put anything right; the others do.
const SIGNALS: [&str; 4] = ["KILL", "INT", "TERM", "HUP"];

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
    let mut command = Command::new(program());
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

/// Sends a signal to a run, which may have ended already, and waits for its end.
fn stop(child: &mut Child, signal: &str) {
    // A builtin of every shell, while the program of that name may be absent.
    let command = format!("kill -{signal} {}", child.id());
    let mut shell = Command::new("sh");
    shell.args(["-c", &command]).stderr(Stdio::null());
    shell.status().unwrap();
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
    let (mut mixed, mut new) = (0, 0);
    let mut dice = Dice(1);
    let kills = rounds(60, 1000);
    for kill in 0..kills {
        let mesh = if kill % 2 == 0 { &two } else { &one };
        let signal = SIGNALS[kill % SIGNALS.len()];
        let (before, left) = (files(&out), aside(&out));
        let mut child = render(mesh, &out).spawn().unwrap();
        // Anywhere in the run, the end of which renames.
        std::thread::sleep(run.mul_f64(dice.below(1000) as f64 / 1000.0));
        stop(&mut child, signal);
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
        new += usize::from(!is_mixed && found != before);
        let is_marked = out.join(".meshgen-incomplete").exists();
        assert!(is_marked || !is_mixed, "kill {kill}: half, and not marked");
        if signal != "KILL" {
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
    println!(
        "{kills} signals: {mixed} left the folder half and marked, {new} left it new, the others old"
    );
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

#[test]
fn two_meshes_at_once_leave_the_whole_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let meshes = [
        mesh(folder.path(), "one", 16),
        mesh(folder.path(), "two", 17),
    ];
    let states = meshes.each_ref().map(|mesh| {
        let out = folder.path().join(mesh.file_stem().unwrap());
        assert!(render(mesh, &out).status().unwrap().success());
        files(&out)
    });
    let out = folder.path().join("out");
    let pairs = rounds(10, 1000);
    let mut first = 0;
    for pair in 0..pairs {
        let mut runs = meshes
            .each_ref()
            .map(|mesh| render(mesh, &out).spawn().unwrap());
        for run in &mut runs {
            assert!(run.wait().unwrap().success(), "pair {pair}: a run failed");
        }
        let found = files(&out);
        assert!(states.contains(&found), "pair {pair}: neither of the two");
        assert_eq!(aside(&out), 0, "pair {pair}: something is left aside");
        first += usize::from(found == states[0]);
    }
    println!("{pairs} pairs: {first} ended with the first mesh, the others with the second");
}
