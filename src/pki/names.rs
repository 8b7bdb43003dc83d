//! The subject alternative names of a certificate.

use std::net::IpAddr;

use super::der::{DerReader, SEQUENCE, context};
use super::text::ia5;
use super::uri;

/// The subject alternative names of a certificate. The common name is none of them: Go has not looked at it for years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// DNS names, `*.` in front of a wildcard, in the certificate's order.
    pub dns: Vec<String>,
    /// Addresses, in the certificate's order.
    pub ips: Vec<IpAddr>,
    pub(super) emails: Vec<String>,
    pub(super) uris: Vec<String>,
    /// Whether the extension is there, with or without names.
    pub(super) is_there: bool,
}

impl Names {
    /// `None` where Go refuses a name.
    pub(super) fn read(mut value: DerReader<'_>) -> Option<Self> {
        const EMAIL: u8 = context(1);
        const DNS: u8 = context(2);
        const URI: u8 = context(6);
        const IP: u8 = context(7);
        let mut all = Self {
            is_there: true,
            ..Self::default()
        };
        let mut list = value.enter(SEQUENCE)?;
        while !list.is_empty() {
            let name = list.any()?;
            match name.tag {
                EMAIL => all.emails.push(ia5(name.content)?),
                DNS => all.dns.push(ia5(name.content)?),
                URI => all
                    .uris
                    .push(ia5(name.content).filter(|text| uri::is_valid(text))?),
                IP => all.ips.push(read_ip(name.content)?),
                _ => {}
            }
        }
        Some(all)
    }

    /// Whether there is a name of a kind that Go knows.
    pub(super) fn has_any(&self) -> bool {
        let counts = [
            self.dns.len(),
            self.ips.len(),
            self.emails.len(),
            self.uris.len(),
        ];
        counts.iter().any(|count| *count > 0)
    }

    /// Whether a client that dials `host` accepts the certificate; a wildcard stands for one label.
    pub fn covers_name(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        !host.is_empty()
            && host.parse::<IpAddr>().is_err()
            && self.dns.iter().any(|name| matches(name, host))
    }

    /// Whether a client that dials `ip` accepts the certificate.
    pub fn covers_ip(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.ips.iter().any(|own| own.to_canonical() == ip)
    }
}

fn read_ip(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

fn matches(name: &str, host: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    match name.strip_prefix("*.") {
        None => name.eq_ignore_ascii_case(host),
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(parent)),
    }
}
