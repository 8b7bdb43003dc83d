//! ufw: a script of commands, each of which changes nothing where it has run before.

use std::io;

use super::cidr::Family;
use super::dialect::{Dialect, DialectRequest, WriteError};
use super::model::Protocol;
use super::openings::{host_remarks, inbound, left_out, many_rules_remark, member};

/// Commands for each node of a cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ufw;

impl Dialect for Ufw {
    fn name(&self) -> &'static str {
        "ufw"
    }

    fn help(&self) -> &'static str {
        "ufw, for each node of a cluster: a script to run with sh"
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        let own = member(request);
        writeln!(out, "#!/bin/sh")?;
        writeln!(
            out,
            "# meshgen: Cluster Mesh traffic of {}, for each of its nodes.",
            request.cluster_name()
        )?;
        writeln!(
            out,
            "# It may be run again: ufw skips a rule that is there. Nothing is removed, and ufw is not switched on."
        )?;
        writeln!(
            out,
            "# Echo requests are let in by ufw's own /etc/ufw/before.rules and before6.rules; ufw has no command for them."
        )?;
        for text in left_out(request) {
            writeln!(out, "# {text}")?;
        }
        writeln!(out, "set -eu")?;
        for opening in inbound(request.plan, own) {
            if matches!(opening.protocol, Protocol::Icmp | Protocol::Icmpv6) {
                continue;
            }
            let nodes = nodes(request, own, opening.family);
            let port = opening
                .port
                .map(|port| format!(" port {port}"))
                .unwrap_or_default();
            for from in &opening.ranges {
                for to in nodes {
                    writeln!(
                        out,
                        "ufw allow proto {} from {from} to {to}{port} comment '{}'",
                        opening.protocol, opening.reason
                    )?;
                }
            }
        }
        Ok(())
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        let permits = request.plan.permits_to(member(request));
        let many = many_rules_remark(request.plan, permits, &Family::ALL);
        many.into_iter().chain(host_remarks(request)).collect()
    }
}

fn nodes<'p>(request: &DialectRequest<'p>, own: usize, family: Family) -> &'p [ipnet::IpNet] {
    request.plan.nodes[own].of_family(family)
}
