//! firewalld: a policy for what comes to the host itself, beside whatever zones there are.

use std::io;

use super::dialect::{Dialect, DialectRequest, WriteError};
use super::model::Protocol;
use super::openings::{family, inbound, member};

/// The file `/etc/firewalld/policies/cluster-mesh.xml`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Firewalld;

impl Dialect for Firewalld {
    fn name(&self) -> &'static str {
        "firewalld"
    }

    fn help(&self) -> &'static str {
        "firewalld, for each node of a cluster: /etc/firewalld/policies/cluster-mesh.xml"
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        let own = member(request);
        writeln!(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>")?;
        writeln!(
            out,
            "<!-- meshgen: Cluster Mesh traffic of {}, for each of its nodes. Put it into",
            request.cluster_name()
        )?;
        writeln!(
            out,
            "     /etc/firewalld/policies/cluster-mesh.xml and reload firewalld. -->"
        )?;
        writeln!(out, "<policy target=\"CONTINUE\" priority=\"-10\">")?;
        writeln!(out, "  <short>Cluster Mesh</short>")?;
        writeln!(out, "  <ingress-zone name=\"ANY\"/>")?;
        writeln!(out, "  <egress-zone name=\"HOST\"/>")?;
        for opening in inbound(request.plan, own) {
            let what = what(opening.protocol, opening.port);
            for from in &opening.ranges {
                for to in request.plan.nodes[own].of_family(opening.family) {
                    writeln!(out, "  <rule family=\"{}\">", family(opening.family))?;
                    writeln!(out, "    <source address=\"{from}\"/>")?;
                    writeln!(out, "    <destination address=\"{to}\"/>")?;
                    writeln!(out, "    {what}")?;
                    writeln!(out, "    <accept/>")?;
                    writeln!(out, "  </rule>")?;
                }
            }
        }
        Ok(writeln!(out, "</policy>")?)
    }
}

fn what(protocol: Protocol, port: Option<u16>) -> String {
    match (protocol, port) {
        (Protocol::Icmp | Protocol::Icmpv6, _) => "<icmp-type name=\"echo-request\"/>".to_owned(),
        (protocol, Some(port)) => format!("<port port=\"{port}\" protocol=\"{protocol}\"/>"),
        (protocol, None) => format!("<protocol value=\"{protocol}\"/>"),
    }
}
