//! One run of the program, from start to exit, and what it took.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A run that takes longer or more memory is ended: the machine is not to suffer from a fault of meshgen.
const LONGEST: Duration = Duration::from_secs(30);
const LARGEST_KIB: u64 = 4 << 20;

/// The shortest time and the highest memory of several runs.
pub(crate) struct Run {
    pub(crate) time: Duration,
    peak_kib: u64,
    pub(crate) status: ExitStatus,
}

impl Run {
    pub(crate) fn better(&mut self, other: &Self) {
        self.time = self.time.min(other.time);
        self.peak_kib = self.peak_kib.max(other.peak_kib);
        self.status = other.status;
    }

    pub(crate) fn megabytes(&self) -> f64 {
        self.peak_kib as f64 * 1024.0 / 1e6
    }
}

/// Runs meshgen, or what `MESHGEN_BIN` names, in a folder once; standard output and standard error go where they are told.
pub(crate) fn run(
    folder: &Path,
    arguments: &[&str],
    [out, err]: [Stdio; 2],
) -> Result<Run, Box<dyn Error>> {
    let built = env!("CARGO_BIN_EXE_meshgen");
    let program = std::env::var_os("MESHGEN_BIN").unwrap_or_else(|| built.into());
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err);
    let start = Instant::now();
    let mut child = command.spawn()?;
    let id = child.id();
    let watch = std::thread::spawn(move || watched(id, start));
    let status = child.wait()?;
    let time = start.elapsed();
    let peak_kib = watch.join().unwrap_or_default();
    Ok(Run {
        time,
        peak_kib,
        status,
    })
}

/// The most memory that a process has held, looked at until it ends.
fn watched(id: u32, start: Instant) -> u64 {
    let status = format!("/proc/{id}/status");
    let mut peak = 0;
    while let Some(kib) = peak_kib(&status) {
        peak = peak.max(kib);
        if start.elapsed() > LONGEST || peak > LARGEST_KIB {
            let process = i32::try_from(id).ok().and_then(Pid::from_raw);
            let _ = process.map(|process| kill_process(process, Signal::KILL));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}

/// Nothing once the process is gone, or where the system does not say.
fn peak_kib(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
