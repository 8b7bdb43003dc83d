//! How meshgen's time and memory grow with one thing of which there is more and more.
//!
//! `cargo bench --bench growth` prints the table of `docs/benchmarks.md`; words choose series by a part of their name,
//! a number makes all of them so many times smaller.

#![allow(missing_docs, clippy::print_stdout, reason = "a table for people")]

#[path = "../measured/mod.rs"]
mod measured;
mod series;

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use measured::Run;
use series::{SERIES, Series};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Each size is measured so often; the best counts.
const TIMES: usize = 2;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let (numbers, words): (Vec<_>, Vec<_>) =
        words.iter().partition(|word| word.parse::<usize>().is_ok());
    let divisor = numbers.first().map_or(Ok(1), |number| number.parse())?;
    let is_wanted =
        |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    println!("| more and more | n | n | 2n | 4n | growth | memory | printed |");
    println!("|---|---|---|---|---|---|---|---|");
    for series in SERIES.iter().filter(|series| is_wanted(series.name)) {
        println!("{}", row(series, series.first.div_ceil(divisor))?);
    }
    Ok(())
}

fn row(series: &Series, first: usize) -> Result<String> {
    // What a run costs of which there is next to nothing is no growth.
    let (least, _) = measured_at(series, 2)?;
    let mut times = Vec::new();
    let mut last = None;
    for factor in [1, 2, 4] {
        let (run, bytes) = measured_at(series, first * factor)?;
        times.push(run.time.as_secs_f64());
        last = Some((run, bytes));
    }
    let (run, bytes) = last.ok_or("no run")?;
    let base = least.time.as_secs_f64();
    let net = |time: f64| (time - base).max(1e-3);
    // The exponent: 1 where twice as much takes twice as long, 2 where it takes four times as long.
    let exponent = (net(times[2]) / net(times[0])).log2() / 2.0;
    let shown = times.iter().map(|time| format!("{:.0} ms", time * 1e3));
    Ok(format!(
        "| {} | {} | {} | n^{exponent:.1} | {:.0} MB | {} |",
        series.name,
        first,
        shown.collect::<Vec<_>>().join(" | "),
        run.megabytes(),
        amount(bytes),
    ))
}

fn measured_at(series: &Series, size: usize) -> Result<(Run, u64)> {
    let folder = tempfile::tempdir()?;
    (series.make)(folder.path(), size)?;
    let mut best = once(series, folder.path())?;
    for _ in 1..TIMES {
        best.better(&once(series, folder.path())?);
    }
    // 0 and 1 are answers; anything else is a fault, or a run that was ended.
    let answer = match best.status.code() {
        Some(0 | 1) => best,
        _ => {
            let said = fs::read_to_string(folder.path().join("said"))?;
            let said = said.lines().next().unwrap_or_default().to_owned();
            println!("{} of {size}: {} {said}", series.name, best.status);
            best
        }
    };
    let printed = fs::metadata(folder.path().join("printed"))?.len()
        + fs::metadata(folder.path().join("said"))?.len();
    Ok((answer, printed))
}

fn once(series: &Series, folder: &Path) -> Result<Run> {
    let into = |name| File::create(folder.join(name)).map(Stdio::from);
    measured::run(folder, series.arguments, [into("printed")?, into("said")?])
}

fn amount(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{:.0} kB", bytes as f64 / 1e3)
    } else {
        format!("{:.1} MB", bytes as f64 / 1e6)
    }
}
