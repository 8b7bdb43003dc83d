//! The real programs judge the files: each is checked, loaded, loaded again and removed by the commands of its own
//! header, in a network namespace of its own, beside rules that are not ours.
//!
//! Where a program or the right to make a namespace is missing, a test prints SKIPPED and why.

use std::process::Command;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::brute_force::{any_datapath, any_mesh};
use super::{filter_named, member, nets};
use crate::firewall::dialect::DialectOptions;
use crate::firewall::lines::Sides;
use crate::firewall::model::{Datapath, Member};
use crate::firewall::page::Firewall;
use crate::firewall::rules::Reachability;
use crate::model::EncryptionKind;

#[test]
fn conformance_nft() {
    let foreign = "nft add table inet other
        nft 'add chain inet other input { type filter hook input priority filter; }'
        nft add rule inet other input tcp dport 22 accept";
    judge("nft", foreign, "nft -s list ruleset");
}

#[test]
fn conformance_iptables() {
    let foreign =
        "iptables -N OTHER; iptables -A INPUT -s 192.0.2.1 -j OTHER; iptables -P FORWARD DROP";
    judge("iptables", foreign, "iptables-save | grep -v '^#'");
}

#[test]
fn conformance_ip6tables() {
    let foreign =
        "ip6tables -N OTHER; ip6tables -A INPUT -s 2001:db8::1 -j OTHER; ip6tables -P FORWARD DROP";
    judge("ip6tables", foreign, "ip6tables-save | grep -v '^#'");
}

/// Puts every file of a dialect before its program. `list` prints all rules that are loaded.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn judge(dialect: &str, foreign: &str, list: &str) {
    let Some(namespace) = namespace(list) else {
        eprintln!(
            "SKIPPED conformance_{dialect}: `{list}` does not run in a network namespace here"
        );
        return;
    };
    let dialect = filter_named(dialect);
    for (mesh, datapath) in meshes() {
        for options in [
            DialectOptions { drop: false },
            DialectOptions { drop: true },
        ] {
            let plan = Reachability::new(&mesh, datapath);
            let cluster = &mesh[0].name;
            if let Ok(text) = Firewall::of(&Sides::new(&plan), 0).page(dialect, &options) {
                let script = script(&text, foreign, list);
                load(&namespace, &dialect.file_name(cluster), &text, &script);
            }
        }
    }
}

/// The arguments of `unshare` that give a namespace in which the program works: as root, or as a user mapped to root.
fn namespace(list: &str) -> Option<Vec<&'static str>> {
    // A pipe hides its first program's status, so the first word is tried alone.
    let script = list.split(" |").next().unwrap();
    let works = |way: &Vec<&str>| {
        let run = Command::new("unshare")
            .args(way)
            .args(["sh", "-c", script])
            .output();
        run.is_ok_and(|output| output.status.success())
    };
    [vec!["--net"], vec!["--map-root-user", "--net"]]
        .into_iter()
        .find(works)
}

/// Checking changes nothing, loading twice is loading once, and removing brings back what was there.
fn script(text: &str, foreign: &str, list: &str) -> String {
    let [check, load, remove] = ["check", "load", "remove"].map(|what| commands(text, what));
    let used = commands(text, "use");
    format!(
        "set -eu
        list() {{ {list}; }}
        same() {{ [ \"$1\" = \"$(list)\" ] || {{ echo \"$2: expected\"; echo \"$1\"; echo found; list; exit 1; }} >&2; }}
        {foreign}
        before=$(list)
        {check}
        same \"$before\" 'after the check'
        {load}
        {used}
        once=$(list)
        [ \"$once\" != \"$before\" ]
        {load}
        {used}
        same \"$once\" 'after loading twice'
        {remove}
        same \"$before\" 'after removing'"
    )
}

/// The commands that a file's header gives under a word, with the lines that continue them.
fn commands(text: &str, what: &str) -> String {
    let start = format!("# {what}: ");
    let after = text.lines().skip_while(|line| !line.starts_with(&start));
    let block = after
        .enumerate()
        .take_while(|(number, line)| *number == 0 || line.starts_with("#    "));
    let lines = block.map(|(_, line)| {
        line.trim_start_matches(&start)
            .trim_start_matches('#')
            .trim()
    });
    lines.collect::<Vec<&str>>().join("\n")
}

fn load(namespace: &[&str], file: &str, text: &str, script: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(file), text).unwrap();
    let mut unshare = Command::new("unshare");
    let output = unshare
        .args(namespace)
        .args(["sh", "-c", script])
        .current_dir(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{file}: {said}");
}

/// Meshes of every kind, then some at random.
fn meshes() -> Vec<(Vec<Member>, Datapath)> {
    let plain = vec![member(1), member(2), member(3)];
    let mut odd = plain.clone();
    odd[1].apiserver.addresses.clear();
    odd[1].apiserver.host = Some("mesh.example.com".to_owned());
    odd[2].apiserver.node_port = Some(32379);
    let mut wide = plain.clone();
    wide[1].nodes = (0..150)
        .map(|node| format!("10.9.{node}.1").parse().unwrap())
        .collect();
    wide[2].nodes = (0..150)
        .map(|node| {
            format!("fd09:1111:2222:3333:4444:5555:6666:{node:x}1")
                .parse()
                .unwrap()
        })
        .collect();
    let shared = plain.iter().cloned().map(|member| Member {
        node_cidrs: nets(&["10.0.0.0/8", "fd00::/8"]),
        ..member
    });
    let meshes = [plain.clone(), vec![member(1)], odd, wide, shared.collect()];
    let encryptions = [
        EncryptionKind::None,
        EncryptionKind::Wireguard,
        EncryptionKind::Ipsec,
    ]
    .into_iter()
    .cycle();
    let datapath = |encryption| Datapath {
        encryption,
        ..Datapath::default()
    };
    let mut all: Vec<_> = meshes.into_iter().zip(encryptions.map(datapath)).collect();
    let mut runner = TestRunner::deterministic();
    let any = (any_mesh(), any_datapath());
    all.extend((0..8).map(|_| any.new_tree(&mut runner).unwrap().current()));
    all
}
