//! firewalld: a policy for what comes to the host itself, beside whatever zones there are, and a set of the peers' ranges
//! for each family, which its rules name.

use std::io;

use super::cidr::Family;
use super::dialect::{Dialect, DialectRequest, WriteError};
use super::model::Protocol;
use super::openings::{family, host_remarks, inbound, left_out, member, nothing, peer_nodes};

/// The file `/etc/firewalld/policies/cluster-mesh.xml`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Firewalld;

impl Dialect for Firewalld {
    fn name(&self) -> &'static str {
        "firewalld"
    }

    fn help(&self) -> &'static str {
        "firewalld, for each node of a cluster: /etc/firewalld/policies/cluster-mesh.xml; it needs the sets below"
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        let own = member(request);
        let openings = inbound(request.plan, own);
        writeln!(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>")?;
        writeln!(
            out,
            "<!-- meshgen: Cluster Mesh traffic of {}, for each of its nodes. Put it into",
            request.cluster_name()
        )?;
        writeln!(
            out,
            "     /etc/firewalld/policies/cluster-mesh.xml, what it names into /etc/firewalld/ipsets/:"
        )?;
        for one in Family::ALL {
            if openings.iter().any(|opening| opening.family == one) {
                let set = set_name(one);
                writeln!(out, "     the form firewalld-{} as {set}.xml;", family(one))?;
            }
        }
        writeln!(out, "     then reload firewalld. -->")?;
        writeln!(out, "<policy target=\"CONTINUE\" priority=\"-10\">")?;
        writeln!(out, "  <short>Cluster Mesh</short>")?;
        let left_out = left_out(request);
        if !left_out.is_empty() {
            writeln!(out, "  <description>{}</description>", left_out.join("\n"))?;
        }
        writeln!(out, "  <ingress-zone name=\"ANY\"/>")?;
        writeln!(out, "  <egress-zone name=\"HOST\"/>")?;
        for opening in openings {
            let what = what(opening.protocol, opening.port);
            let from = set_name(opening.family);
            for to in request.plan.nodes[own].of_family(opening.family) {
                writeln!(out, "  <rule family=\"{}\">", family(opening.family))?;
                writeln!(out, "    <source ipset=\"{from}\"/>")?;
                writeln!(out, "    <destination address=\"{to}\"/>")?;
                writeln!(out, "    {what}")?;
                writeln!(out, "    <accept/>")?;
                writeln!(out, "  </rule>")?;
            }
        }
        Ok(writeln!(out, "</policy>")?)
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        host_remarks(request)
    }
}

fn what(protocol: Protocol, port: Option<u16>) -> String {
    match (protocol, port) {
        (Protocol::Icmp | Protocol::Icmpv6, _) => "<icmp-type name=\"echo-request\"/>".to_owned(),
        (protocol, Some(port)) => format!("<port port=\"{port}\" protocol=\"{protocol}\"/>"),
        (protocol, None) => format!("<protocol value=\"{protocol}\"/>"),
    }
}

/// The peers' ranges of one family: every rule of the policy is from them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerSet {
    name: &'static str,
    help: &'static str,
    family: Family,
}

/// For IPv4.
pub(crate) static IPV4: PeerSet = PeerSet {
    name: "firewalld-ipv4",
    help: "the peers' IPv4 ranges for firewalld: /etc/firewalld/ipsets/cluster-mesh-ipv4.xml",
    family: Family::V4,
};

/// For IPv6.
pub(crate) static IPV6: PeerSet = PeerSet {
    name: "firewalld-ipv6",
    help: "the peers' IPv6 ranges for firewalld: /etc/firewalld/ipsets/cluster-mesh-ipv6.xml",
    family: Family::V6,
};

fn set_name(one: Family) -> String {
    format!("cluster-mesh-{}", family(one))
}

impl Dialect for PeerSet {
    fn name(&self) -> &'static str {
        self.name
    }

    fn help(&self) -> &'static str {
        self.help
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        let ranges = peer_nodes(request.plan, member(request), self.family);
        if ranges.is_empty() {
            return Err(nothing(self.name, request));
        }
        let value = match self.family {
            Family::V4 => "inet",
            Family::V6 => "inet6",
        };
        writeln!(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>")?;
        writeln!(
            out,
            "<!-- meshgen: the nodes of the peers of {}. -->",
            request.cluster_name()
        )?;
        writeln!(out, "<ipset type=\"hash:net\">")?;
        writeln!(out, "  <short>Cluster Mesh</short>")?;
        writeln!(out, "  <option name=\"family\" value=\"{value}\"/>")?;
        for range in ranges {
            writeln!(out, "  <entry>{range}</entry>")?;
        }
        Ok(writeln!(out, "</ipset>")?)
    }
}
