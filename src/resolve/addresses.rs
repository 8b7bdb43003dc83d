//! CIDRs and IP addresses as written: parsed, or a finding.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Reading;
use super::host::{self, as_dialled, kind_of_no_use};
use crate::finding::Finding;
use crate::model::Fact;
use crate::source::{Place, quoted};

impl Reading<'_> {
    /// The usable CIDRs of a list; the others become findings.
    pub(super) fn cidrs(&mut self, written: &[String], list: &Place) -> Vec<Fact<IpNet>> {
        let items = written.iter().enumerate();
        items
            .filter_map(|(index, text)| self.cidr(text, list.index(index)))
            .collect()
    }

    /// The usable addresses of a list; the others become findings.
    pub(super) fn addresses(&mut self, written: &[String], list: &Place) -> Vec<Fact<IpAddr>> {
        let items = written.iter().enumerate();
        items
            .filter_map(|(index, text)| self.address(text, list.index(index)))
            .collect()
    }

    fn cidr(&mut self, text: &str, place: Place) -> Option<Fact<IpNet>> {
        // An item of the wrong type was reported already and left an empty seat.
        if text.is_empty() && self.input.unusable.contains(&place.route) {
            return None;
        }
        let Ok(net) = text.parse::<IpNet>() else {
            self.findings.push(invalid_cidr(text, place));
            return None;
        };
        if net != net.trunc() {
            self.findings.push(
                super::codes::CIDR_HOST_BITS
                    .finding(
                        place,
                        format!("{text} is an address inside a range, not the range itself"),
                    )
                    .label(format!("the range is {}", net.trunc()))
                    .help(format!("write {}", net.trunc())),
            );
            return None;
        }
        Some(Fact::new(net, place))
    }

    pub(super) fn address(&mut self, text: &str, place: Place) -> Option<Fact<IpAddr>> {
        if text.is_empty() && self.input.unusable.contains(&place.route) {
            return None;
        }
        match text.parse() {
            Ok(address) => match kind_of_no_use(address) {
                None => Some(Fact::new(as_dialled(address), place)),
                Some(kind) => {
                    self.findings.push(unusable(address, kind, place));
                    None
                }
            },
            Err(_) => {
                self.findings.push(
                    super::codes::ADDRESS_INVALID.finding(place,
                        format!("{} is no IP address", quoted(text)),
                    )
                    .label("expected an IPv4 or IPv6 address")
                    .help("write an address such as 203.0.113.10, without port or prefix length; a DNS name goes into `apiserver.address`"),
                );
                None
            }
        }
    }
}

fn unusable(address: IpAddr, kind: &str, place: Place) -> Finding {
    super::codes::ADDRESS_INVALID
        .finding(
            place,
            format!("{address} {kind}, which no other machine can reach"),
        )
        .label(kind.trim_start_matches("is "))
        .help("write the address that the nodes of the other clusters reach")
}

fn invalid_cidr(text: &str, place: Place) -> Finding {
    let help = match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            format!("say how long the prefix is: {address}/32 is that address alone")
        }
        Ok(IpAddr::V6(address)) => {
            format!("say how long the prefix is: {address}/128 is that address alone")
        }
        Err(_) => "write a range such as 172.25.0.0/16 or fd01::/48".to_owned(),
    };
    super::codes::CIDR_INVALID
        .finding(place, format!("{} is no CIDR", quoted(text)))
        .label("expected an address, a slash and a prefix length")
        .help(help)
}

/// The finding about an `apiserver.address` that cannot be dialled.
pub(super) fn not_dialled(text: &str, fault: &host::HostFault, place: Place) -> Finding {
    super::codes::ADDRESS_INVALID
        .finding(place, format!("{} {}", quoted(text), fault.what))
        .label("peers cannot dial this")
        .help(fault.help)
}
