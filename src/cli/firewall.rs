//! `meshgen firewall`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum;

use super::{USAGE, check_file, complain, failed, find_cluster, or_told, refuse};
use crate::compile::firewall as members;
use crate::compile::plan::Request;
use crate::firewall::dialect::{Dialect, Firewall, Options};
use crate::firewall::lines::Sides;
use crate::firewall::rules::Plan;
use crate::firewall::{self, list};
use crate::model::{Cluster, Mesh};
use crate::output::OutputError;

/// Arguments of `meshgen firewall`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The mesh file
    #[arg(default_value = "mesh.yaml")]
    file: PathBuf,
    /// Form of the list
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// Only the rules from and to this cluster; nft, iptables and ip6tables need it
    #[arg(long, value_name = "NAME", required_if_eq_any = [("format", "nft"), ("format", "iptables"), ("format", "ip6tables")])]
    cluster: Option<String>,
    /// End with rules that drop what the other clusters' nodes may not send
    #[arg(long)]
    drop: bool,
}

/// The forms of the rule list.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Csv,
    /// A variable file for Terraform: firewall.auto.tfvars.json
    Tfvars,
    Nft,
    Iptables,
    Ip6tables,
}

impl Format {
    /// The dialect of that name, where it is one.
    fn dialect(self) -> Option<&'static dyn Dialect> {
        let name = self.to_possible_value()?;
        firewall::dialect_named(name.get_name())
    }
}

/// So many gaps are said; with native routing there is one for every two clusters.
const GAPS_SAID: usize = 10;

pub(super) fn run(args: &Args) -> u8 {
    if args.drop && args.format.dialect().is_none() {
        complain("--drop is for nft, iptables and ip6tables: the other forms only permit");
        return USAGE;
    }
    let checked = match or_told(check_file(&args.file, |_| Request::default(), None)) {
        Ok(checked) => checked,
        Err(status) => return status,
    };
    let Some(mesh) = checked.sound() else {
        return refuse(&checked.report(), "");
    };
    let cluster = args.cluster.as_ref().map(|name| find_cluster(mesh, name));
    match cluster.transpose() {
        Err(unknown) => {
            complain(&unknown.to_string());
            USAGE
        }
        Ok(cluster) => write(mesh, cluster, args),
    }
}

fn write(mesh: &Mesh, cluster: Option<&Cluster>, args: &Args) -> u8 {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let printed = print(mesh, cluster, args, &mut out);
    match printed.and_then(|()| Ok(out.flush()?)) {
        Ok(()) => {
            say_what_is_left_out(mesh);
            0
        }
        Err(error) => failed(&error),
    }
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

fn print(
    mesh: &Mesh,
    cluster: Option<&Cluster>,
    args: &Args,
    out: &mut impl Write,
) -> Result<(), OutputError> {
    let members = members::members(mesh);
    let plan = Plan::new(&members, members::datapath(mesh));
    let name = cluster.map(Cluster::name);
    let member = name.and_then(|name| plan.position(name));
    if let (Some(dialect), Some(member)) = (args.format.dialect(), member) {
        let options = Options { drop: args.drop };
        let sides = Sides::new(&plan);
        let text = dialect.render(&Firewall::of(&sides, member), &options)?;
        return Ok(out.write_all(text.as_bytes())?);
    }
    let permits = plan.permits_for(name);
    match args.format {
        Format::Csv => list::write_csv(&plan, permits, out)?,
        Format::Tfvars => list::write_tfvars(&plan, permits, out)?,
        _ => list::write_json(&plan, permits, out)?,
    }
    Ok(())
}
