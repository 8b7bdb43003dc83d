//! Every command in README.md does what it says: lines of its code blocks that run meshgen are run, in order, in one
//! folder that holds a copy of the fixtures.

use std::path::Path;

use crate::common::root;
use assert_cmd::Command;

#[test]
fn every_command_of_the_readme_runs() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures"), &folder.path().join("fixtures"));
    // Where a command names no file, or `mesh.yaml` alone, any mesh will do.
    copy(&root().join("fixtures/guide"), folder.path());
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let commands = commands(&readme);
    assert!(
        commands.iter().any(|line| line == "cargo test"),
        "the README says how to run the tests"
    );
    let runs = commands.iter().filter(|line| read(line).is_some());
    assert!(runs.count() >= 5, "too few commands were found");
    for line in &commands {
        // Scripts need kubectl and clusters; here they must be there, and be scripts.
        if let Some(script) = line.strip_prefix("sh ") {
            let script = folder.path().join(script.split(' ').next().unwrap());
            let checked = std::process::Command::new("sh")
                .arg("-n")
                .arg(script)
                .status();
            assert!(checked.unwrap().success(), "{line}");
        }
        let Some(run) = read(line) else { continue };
        let mut command = Command::cargo_bin("meshgen").unwrap();
        command.current_dir(folder.path()).args(&run.arguments);
        let output = command.write_stdin(run.input).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "meshgen {}: {said}",
            run.arguments.join(" ")
        );
    }
}

#[test]
fn commands_are_told_from_other_lines() {
    let text = "text\n\n    cargo run --release -- render a \\\n      -o b   # comment\n    out: 3 files\n\n```yaml\nmeshgen: 1\n```\n```sh\nmeshgen validate | less\ncargo test\necho '{}' | meshgen terraform\n```\n";
    let found: Vec<_> = commands(text).iter().map(|line| read(line)).collect();
    let found: Vec<_> = found
        .into_iter()
        .map(|run| run.map(|run| run.arguments))
        .collect();
    let words = |text: &str| Some(text.split(' ').map(str::to_owned).collect());
    assert_eq!(
        found,
        [
            words("render a -o b"),
            None,
            words("validate"),
            None,
            words("terraform")
        ]
    );
}

/// The lines of indented blocks and of blocks for a shell, joined where one ends in a backslash.
fn commands(text: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut fence: Option<bool> = None;
    let mut continues = false;
    for line in text.lines() {
        if let Some(language) = line.strip_prefix("```") {
            fence = match fence {
                None => Some(["", "sh", "bash", "shell", "console"].contains(&language)),
                Some(_) => None,
            };
            continue;
        }
        let code = match fence {
            Some(is_shell) => is_shell.then_some(line),
            None => line.strip_prefix("    "),
        };
        let Some(code) = code else { continue };
        let code = code.split(" #").next().unwrap_or_default().trim();
        let (code, more) = match code.strip_suffix('\\') {
            Some(code) => (code.trim_end(), true),
            None => (code, false),
        };
        match commands.last_mut() {
            Some(last) if continues => *last = format!("{last} {code}"),
            _ if code.is_empty() => {}
            _ => commands.push(code.to_owned()),
        }
        continues = more;
    }
    commands
}

/// What meshgen is given: arguments, and standard input.
struct Run {
    arguments: Vec<String>,
    input: String,
}

/// A line that runs meshgen, if it is one; `echo '...' |` before it is what it reads.
fn read(line: &str) -> Option<Run> {
    let line = line.trim_start_matches("$ ");
    let piped = line
        .strip_prefix("echo '")
        .and_then(|rest| rest.split_once("' | "));
    let (input, command) = piped.unwrap_or(("", line));
    let arguments = arguments(command)?;
    Some(Run {
        arguments,
        input: input.to_owned(),
    })
}

/// The arguments of meshgen, where a line runs it: by its name or through Cargo, up to a pipe or a redirection.
fn arguments(line: &str) -> Option<Vec<String>> {
    let through_cargo = line
        .strip_prefix("cargo run ")
        .and_then(|rest| rest.split_once("-- "))
        .filter(|(options, _)| !options.contains("--example"));
    let rest = match through_cargo {
        Some((_, rest)) => rest,
        None => line.strip_prefix("meshgen ")?,
    };
    let ends = ["|", ">", "&&", ";"];
    let words = rest
        .split_whitespace()
        .take_while(|word| !ends.contains(word));
    Some(
        words
            .map(|word| word.trim_matches('\'').trim_matches('"').to_owned())
            .collect(),
    )
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
