//! What meshgen costs: time and memory of whole runs, beside a program that only writes the same bytes.
//!
//! `cargo bench --bench cost` prints the tables of `docs/benchmarks.md`; arguments choose rows by their beginning.

#![allow(missing_docs, clippy::print_stdout, reason = "a table for people")]

mod checks;
#[path = "../measured/mod.rs"]
mod measured;
mod mesh;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use measured::Run;
use mesh::Trust;
use sha2::{Digest, Sha256};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A mesh to measure.
struct Case {
    name: &'static str,
    size: usize,
    trust: Trust,
}

const CASES: [Case; 5] = [
    Case {
        name: "2 compact",
        size: 2,
        trust: Trust::Compact,
    },
    Case {
        name: "64 compact",
        size: 64,
        trust: Trust::Compact,
    },
    Case {
        name: "255 compact",
        size: 255,
        trust: Trust::Compact,
    },
    Case {
        name: "511 compact",
        size: 511,
        trust: Trust::Compact,
    },
    Case {
        name: "255 inline",
        size: 255,
        trust: Trust::Inline,
    },
];

/// Meshes whose saved outputs `verify` reads: the name of the row, clusters, nodes of each.
const CHECKED: [(&str, usize, usize); 3] = [
    ("verify 2 of 1000 nodes", 2, 1000),
    ("verify 64 of 1000 nodes", 64, 1000),
    ("verify 255 of 1000 nodes", 255, 1000),
];

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let is_wanted =
        |name: &str| words.is_empty() || words.iter().any(|word| name.starts_with(word.as_str()));
    if CASES.iter().any(|case| is_wanted(case.name)) {
        cost_of_writing(is_wanted)?;
    }
    if CHECKED.iter().any(|(name, ..)| is_wanted(name)) {
        cost_of_verifying(is_wanted)?;
    }
    Ok(())
}

fn cost_of_verifying(is_wanted: impl Fn(&str) -> bool) -> Result<()> {
    println!("\n| mesh | text | json | github | memory |");
    println!("|---|---|---|---|---|");
    for (name, size, nodes) in CHECKED.into_iter().filter(|(name, ..)| is_wanted(name)) {
        let folder = tempfile::tempdir()?;
        mesh::write(folder.path(), size, Trust::Compact)?;
        checks::write(folder.path(), size, nodes)?;
        let mut times = String::new();
        let mut memory = 0.0_f64;
        for format in ["text", "json", "github"] {
            let arguments = ["verify", "--checks", "checks", "--format", format];
            let best = best_of(5, folder.path(), &arguments)?;
            memory = memory.max(best.megabytes());
            times += &format!(" {} |", milliseconds(best.time));
        }
        println!("| {name} |{times} {memory:.0} MB |");
    }
    Ok(())
}

fn cost_of_writing(is_wanted: impl Fn(&str) -> bool) -> Result<()> {
    println!(
        "| mesh | output | render | plain writing | ratio | with digests | ratio | memory | validate |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for case in CASES.iter().filter(|case| is_wanted(case.name)) {
        let folder = tempfile::tempdir()?;
        mesh::write(folder.path(), case.size, case.trust)?;
        println!("{}", row(case, folder.path())?);
    }
    Ok(())
}

fn row(case: &Case, folder: &Path) -> Result<String> {
    let out = folder.join("out");
    let times = if case.size > 64 { 5 } else { 20 };
    let mut writing = Duration::MAX;
    let mut sealing = Duration::MAX;
    let mut bytes = 0;
    let mut render: Option<Run> = None;
    for _ in 0..times {
        let arguments = ["render", "mesh.yaml", "--quiet", "-o", "out"];
        keep_better(&mut render, succeeded(folder, &arguments)?);
        let files = read(&out)?;
        fs::remove_dir_all(&out)?;
        bytes = files.iter().map(|(_, content)| content.len()).sum();
        let copy = folder.join("copy");
        writing = writing.min(write(&copy, &out, &files, |_| ())?);
        fs::remove_dir_all(&copy)?;
        let digest = |content: &[u8]| {
            std::hint::black_box(Sha256::digest(content));
        };
        sealing = sealing.min(write(&copy, &out, &files, digest)?);
        fs::remove_dir_all(&copy)?;
    }
    let render = render.ok_or("no run")?;
    let arguments = ["validate", "mesh.yaml", "--now", "2026-11-23T00:00:00Z"];
    let validate = best_of(times, folder, &arguments)?;
    let megabytes = bytes as f64 / 1e6;
    let speed = |time: Duration| {
        format!(
            "{} ({:.0} MB/s)",
            milliseconds(time),
            megabytes / time.as_secs_f64()
        )
    };
    Ok(format!(
        "| {} | {megabytes:.2} MB | {} | {} | {:.2} | {} | {:.2} | {:.0} MB | {} |",
        case.name,
        speed(render.time),
        speed(writing),
        render.time.as_secs_f64() / writing.as_secs_f64(),
        milliseconds(sealing),
        render.time.as_secs_f64() / sealing.as_secs_f64(),
        render.megabytes(),
        milliseconds(validate.time),
    ))
}

/// The best of several runs, each of which must succeed.
fn best_of(times: usize, folder: &Path, arguments: &[&str]) -> Result<Run> {
    let mut best = None;
    for _ in 0..times {
        keep_better(&mut best, succeeded(folder, arguments)?);
    }
    best.ok_or_else(|| "no run".into())
}

fn keep_better(best: &mut Option<Run>, run: Run) {
    match best {
        Some(best) => best.better(&run),
        None => *best = Some(run),
    }
}

fn succeeded(folder: &Path, arguments: &[&str]) -> Result<Run> {
    let run = measured::run(folder, arguments, [Stdio::null(), Stdio::inherit()])?;
    if !run.status.success() {
        return Err(format!("meshgen {} failed", arguments.join(" ")).into());
    }
    Ok(run)
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

type Files = Vec<(PathBuf, Vec<u8>)>;

/// Every file below a folder.
fn read(folder: &Path) -> Result<Files> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(read(&path)?);
        } else {
            let content = fs::read(&path)?;
            files.push((path, content));
        }
    }
    Ok(files)
}

/// The time that it takes to write the files, whose bytes are at hand, into another folder, and to do
/// something with the bytes of each.
fn write(into: &Path, from: &Path, files: &Files, also: impl Fn(&[u8])) -> Result<Duration> {
    let start = Instant::now();
    for (path, content) in files {
        let path = into.join(path.strip_prefix(from)?);
        fs::create_dir_all(path.parent().ok_or("no parent")?)?;
        fs::write(path, content)?;
        also(content);
    }
    Ok(start.elapsed())
}
