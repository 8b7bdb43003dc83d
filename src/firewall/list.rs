//! The neutral rule list as files: `rules.json` and `rules.csv`.
//!
//! A list of a large mesh is hundreds of megabytes, but has only four kinds of parts, each the same in many rules. So the
//! parts are written once, and a rule is four copies.

use std::borrow::Cow;
use std::io::{self, Write};

use ipnet::IpNet;
use serde::Serialize;

use super::cidr::Families;
use super::rules::{Permit, Reachability, Target};

/// Writes `rules.json`: one rule on each line, with a final newline.
///
/// # Errors
/// If `out` fails.
pub(crate) fn write_json(
    plan: &Reachability<'_>,
    mut permits: impl Iterator<Item = Permit>,
    out: &mut impl Write,
) -> io::Result<()> {
    let parts = Parts::new::<JsonRows>(plan)?;
    let (mut before, mut end) = ("[\n", "[]\n");
    // Not a `for` loop, which would ask the nested iterators anew for each rule.
    permits.try_for_each(|permit| {
        out.write_all(before.as_bytes())?;
        (before, end) = (",\n", "\n]\n");
        parts.write(permit, out)
    })?;
    out.write_all(end.as_bytes())
}

/// Writes a variable file for Terraform, `firewall.auto.tfvars.json`: the rules under one name, in one piece or for one
/// cluster, to be turned into the resources of whichever cloud, and more variables behind them.
///
/// # Errors
/// If `out` fails.
pub(crate) fn write_tfvars(
    plan: &Reachability<'_>,
    permits: impl Iterator<Item = Permit>,
    more: &serde_json::Map<String, serde_json::Value>,
    out: &mut impl Write,
) -> io::Result<()> {
    out.write_all(b"{\"cluster_mesh_rules\": ")?;
    write_json(plan, permits, out)?;
    for (name, value) in more {
        writeln!(out, ", {}: {}", json(name)?, json(value)?)?;
    }
    out.write_all(b"}\n")
}

/// Writes `rules.csv`.
///
/// Quoting is that of RFC 4180; ranges are joined by a space; what is null in the JSON is empty. Lines end as in every other
/// file of ours, which spreadsheets read as well as the standard's carriage returns.
///
/// # Errors
/// If `out` fails.
pub(crate) fn write_csv(
    plan: &Reachability<'_>,
    mut permits: impl Iterator<Item = Permit>,
    out: &mut impl Write,
) -> io::Result<()> {
    let parts = Parts::new::<CsvRows>(plan)?;
    out.write_all(b"from,to,fromCIDRs,toCIDRs,toHost,protocol,port,reason\n")?;
    permits.try_for_each(|permit| {
        parts.write(permit, out)?;
        out.write_all(b"\n")
    })
}

/// A form of the list: how the parts of a rule are written, in their order.
trait RowFormat {
    fn from(name: &str) -> io::Result<String>;
    fn to(name: &str) -> io::Result<String>;
    fn from_cidrs(cidrs: &[IpNet]) -> io::Result<String>;
    /// Everything after the senders' ranges.
    fn target(target: &Target<'_>, cidrs: &[IpNet]) -> io::Result<String>;
}

/// The parts of all rules, by member.
struct Parts {
    from: Vec<String>,
    to: Vec<String>,
    from_cidrs: Vec<[String; 4]>,
    targets: Vec<Vec<[String; 4]>>,
}

impl Parts {
    fn new<F: RowFormat>(plan: &Reachability<'_>) -> io::Result<Self> {
        let names = || plan.members.iter().map(|member| member.name.as_str());
        let nodes = plan.nodes.iter();
        let targets = plan.targets.iter();
        Ok(Self {
            from: names().map(F::from).collect::<io::Result<_>>()?,
            to: names().map(F::to).collect::<io::Result<_>>()?,
            from_cidrs: nodes
                .map(|nodes| of_each_set(|set| F::from_cidrs(nodes.of(set))))
                .collect::<io::Result<_>>()?,
            targets: targets
                .map(|targets| targets.iter().map(target_parts::<F>).collect())
                .collect::<io::Result<_>>()?,
        })
    }

    fn write(&self, permit: Permit, out: &mut impl Write) -> io::Result<()> {
        let set = permit.families.index();
        out.write_all(self.from[permit.from].as_bytes())?;
        out.write_all(self.to[permit.to].as_bytes())?;
        out.write_all(self.from_cidrs[permit.from][set].as_bytes())?;
        out.write_all(self.targets[permit.to][permit.target][set].as_bytes())
    }
}

fn target_parts<F: RowFormat>(target: &Target<'_>) -> io::Result<[String; 4]> {
    of_each_set(|set| F::target(target, target.ranges.of(set)))
}

fn of_each_set(part: impl Fn(Families) -> io::Result<String>) -> io::Result<[String; 4]> {
    let [none, v4, v6, both] = Families::ALL_SETS;
    Ok([part(none)?, part(v4)?, part(v6)?, part(both)?])
}

struct JsonRows;

impl RowFormat for JsonRows {
    fn from(name: &str) -> io::Result<String> {
        Ok(format!("  {{\"from\": {}", json(name)?))
    }

    fn to(name: &str) -> io::Result<String> {
        Ok(format!(", \"to\": {}", json(name)?))
    }

    fn from_cidrs(cidrs: &[IpNet]) -> io::Result<String> {
        Ok(format!(", \"fromCIDRs\": {}", json(cidrs)?))
    }

    fn target(target: &Target<'_>, cidrs: &[IpNet]) -> io::Result<String> {
        Ok(format!(
            ", \"toCIDRs\": {}, \"toHost\": {}, \"protocol\": {}, \"port\": {}, \"reason\": {}}}",
            json(cidrs)?,
            json(&target.host)?,
            json(&target.protocol)?,
            json(&target.port)?,
            json(&target.reason)?,
        ))
    }
}

fn json(value: &(impl Serialize + ?Sized)) -> io::Result<String> {
    Ok(serde_json::to_string(value)?)
}

struct CsvRows;

impl RowFormat for CsvRows {
    fn from(name: &str) -> io::Result<String> {
        Ok(csv(name))
    }

    fn to(name: &str) -> io::Result<String> {
        Ok(format!(",{}", csv(name)))
    }

    fn from_cidrs(cidrs: &[IpNet]) -> io::Result<String> {
        Ok(format!(",{}", joined(cidrs)))
    }

    fn target(target: &Target<'_>, cidrs: &[IpNet]) -> io::Result<String> {
        let port = target.port.map(|port| port.to_string());
        Ok(format!(
            ",{},{},{},{},{}",
            joined(cidrs),
            csv(target.host.unwrap_or_default()),
            target.protocol,
            port.unwrap_or_default(),
            csv(&target.reason),
        ))
    }
}

fn joined(nets: &[IpNet]) -> String {
    let nets: Vec<String> = nets.iter().map(IpNet::to_string).collect();
    nets.join(" ")
}

/// Quoted only where a reader would need it. A spreadsheet computes what begins as a formula, and takes it for text
/// behind an apostrophe.
fn csv(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let field = if is_formula {
        Cow::Owned(format!("'{field}"))
    } else {
        Cow::Borrowed(field)
    };
    if field.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.into_owned()
}
