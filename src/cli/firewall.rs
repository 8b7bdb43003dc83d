//! `meshgen firewall`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::{USAGE, check_file, complain, failed, find_cluster, or_exit_status, print, refuse};
use crate::compile::firewall as members;
use crate::compile::plan::Request as PlanRequest;
use crate::firewall::dialect::{Dialect, DialectOptions, DialectRequest};
use crate::firewall::model::Member;
use crate::firewall::packet::{Packet, explain};
use crate::firewall::rules::Reachability;
use crate::firewall::{DIALECTS, dialect_named, packet_filters};
use crate::model::{Cluster, Mesh};
use crate::output::OutputError;

/// Arguments of `meshgen firewall`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The mesh file
    #[arg(default_value = "mesh.yaml")]
    file: PathBuf,
    /// Form of the rules
    #[arg(long, value_parser = format_parser(), default_value = DIALECTS[0].name(), value_name = "FORM")]
    format: &'static dyn Dialect,
    /// Only the rules from and to this cluster; forms for the nodes of one cluster need it
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// End with rules that drop what the other clusters' nodes may not send
    #[arg(long)]
    drop: bool,
    /// Say which rule lets a packet through, or that none does: addresses, cluster names or a host name; a protocol; for udp and tcp a port
    #[arg(long, num_args = 3..=4, value_names = ["SRC", "DST", "PROTO", "PORT"], conflicts_with_all = ["cluster", "drop"])]
    explain: Vec<String>,
}

/// Clap's values of `--format`, from the registry of the dialects.
fn format_parser() -> impl TypedValueParser<Value = &'static dyn Dialect> {
    let values = DIALECTS
        .iter()
        .map(|dialect| PossibleValue::new(dialect.name()).help(dialect.help()));
    PossibleValuesParser::new(values)
        .try_map(|name| dialect_named(&name).ok_or("this form is not known"))
}

/// How many gaps are printed; with native routing there is one for every two clusters.
const GAPS_SAID: usize = 10;

pub(super) fn run(args: &Args) -> u8 {
    if let Some(misuse) = misuse(args) {
        complain(&misuse);
        return USAGE;
    }
    let checked = match or_exit_status(check_file(&args.file, |_| PlanRequest::default(), None)) {
        Ok(checked) => checked,
        Err(status) => return status,
    };
    let Some(mesh) = checked.sound() else {
        return refuse(&checked.report(), "");
    };
    if !args.explain.is_empty() {
        return say(mesh, &args.explain);
    }
    let cluster = args.cluster.as_ref().map(|name| find_cluster(mesh, name));
    match cluster.transpose() {
        Err(unknown) => {
            complain(&unknown.to_string());
            USAGE
        }
        Ok(cluster) => write(mesh, cluster, args),
    }
}

/// Why arguments do not go together.
fn misuse(args: &Args) -> Option<String> {
    let format = args.format;
    if args.drop && format.packet_filter().is_none() {
        let mut names: Vec<&str> = packet_filters().map(|filter| filter.name()).collect();
        let last = names.pop().unwrap_or_default();
        let names = format!("{} and {last}", names.join(", "));
        return Some(format!(
            "--drop is for {names}: the other forms only permit"
        ));
    }
    let is_lacking =
        format.is_of_one_cluster() && args.cluster.is_none() && args.explain.is_empty();
    is_lacking.then(|| {
        format!(
            "--format {} is for the nodes of one cluster: say which with --cluster <NAME>",
            format.name()
        )
    })
}

/// Says which rule lets a packet through.
fn say(mesh: &Mesh, words: &[String]) -> u8 {
    let [from, to, protocol, port @ ..] = words else {
        return USAGE;
    };
    let members = members::members(mesh);
    let plan = Reachability::new(&members, members::datapath(mesh));
    let packet = Packet::new(from, to, protocol, port.first().map(String::as_str));
    match packet.and_then(|packet| explain(&plan, &packet)) {
        Ok(said) => print(&said),
        Err(error) => {
            complain(&error.to_string());
            USAGE
        }
    }
}

fn write(mesh: &Mesh, cluster: Option<&Cluster>, args: &Args) -> u8 {
    let mut members = members::members(mesh);
    let position = cluster.map(|cluster| position(&members, cluster));
    if position == Some(None) {
        // It leaves: no rule is about it, and none about the others is asked for.
        if args.format.is_of_one_cluster() {
            let name = args.cluster.as_deref().unwrap_or_default();
            complain(&format!(
                "{name} leaves the mesh: no rule concerns it, so --format {} has nothing to write",
                args.format.name()
            ));
            return 1;
        }
        members.clear();
    }
    let plan = Reachability::new(&members, members::datapath(mesh));
    let request = DialectRequest {
        cluster: position.flatten(),
        plan: &plan,
        options: DialectOptions { drop: args.drop },
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let printed = args.format.write(&request, &mut out);
    match printed
        .map_err(OutputError::from)
        .and_then(|()| Ok(out.flush()?))
    {
        Ok(()) => {
            say_what_is_left_out(mesh);
            for remark in args.format.remarks(&request) {
                complain(&remark);
            }
            0
        }
        Err(error) => failed(&error),
    }
}

fn position(members: &[Member], cluster: &Cluster) -> Option<usize> {
    members
        .iter()
        .position(|member| member.name == cluster.name())
}

/// Says on standard error which rules are not there, and why: `render` has it in STEPS.md.
fn say_what_is_left_out(mesh: &Mesh) {
    let gaps = members::gaps(mesh);
    for gap in gaps.iter().take(GAPS_SAID) {
        complain(&format!("note: {gap}"));
    }
    if let Some(more @ 1..) = gaps.len().checked_sub(GAPS_SAID) {
        complain(&format!(
            "note: {more} more gaps, which `meshgen render` lists in STEPS.md"
        ));
    }
}
