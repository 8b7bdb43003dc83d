//! The names a server certificate is good for.

use std::net::IpAddr;

use x509_parser::extensions::GeneralName;

/// The subject alternative names of a certificate. The common name is none of them: Go has not looked at it for years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// DNS names, `*.` in front of a wildcard, in the certificate's order.
    pub dns: Vec<String>,
    /// Addresses, in the certificate's order.
    pub ips: Vec<IpAddr>,
}

impl Names {
    pub(super) fn read(names: &[GeneralName<'_>]) -> Self {
        let mut all = Self::default();
        for name in names {
            match name {
                GeneralName::DNSName(dns) => all.dns.push((*dns).to_owned()),
                GeneralName::IPAddress(bytes) => all.ips.extend(read_ip(bytes)),
                _ => {}
            }
        }
        all
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
