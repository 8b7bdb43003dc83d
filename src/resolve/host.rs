//! Where peers dial a clustermesh-apiserver: an IP address or a DNS name, as their readers take it.

use std::net::IpAddr;

/// An address that can be dialled.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Host {
    Ip(IpAddr),
    /// A DNS name of at least two labels, without a dot at its end.
    Name(String),
}

/// Why a text is no address that can be dialled.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HostFault {
    /// The predicate of a sentence about the text.
    pub(super) what: &'static str,
    /// What to write.
    pub(super) help: &'static str,
}

const ALONE: &str = "write the IP address or DNS name alone";
const PUBLIC: &str = "write a name that the nodes of the other clusters can look up";

/// Names that mean something inside one cluster only.
const INSIDE: [&str; 3] = [".svc", ".cluster.local", ".pod"];
/// Names of the machine that asks (RFC 6761 6.3; the other is what many files of hosts have).
const OWN: [&str; 2] = [".localhost", ".localdomain"];

/// Reads what was typed as an address.
///
/// Cilium gives it to etcd's client as the host of `https://HOST:PORT`, and the chart writes a name into the certificate's DNS names: what
/// one of the two does not take is refused. Sources: RFC 1123 2.1, RFC 5890 2.3.1, Go's `net/url` and `crypto/x509`.
///
/// # Errors
/// With what is wrong and what to write.
pub(super) fn parse(text: &str) -> Result<Host, HostFault> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return match kind_of_no_use(address) {
            None => Ok(Host::Ip(as_dialled(address))),
            Some(what) => Err(fault(what, PUBLIC)),
        };
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    no_other_form(text)?;
    labels(name)?;
    let lower = name.to_ascii_lowercase();
    if OWN.iter().any(|end| lower.ends_with(end)) {
        return Err(fault("is a name that each machine has for itself", PUBLIC));
    }
    if INSIDE.iter().any(|end| lower.ends_with(end)) || lower.contains(".svc.") {
        return Err(fault("is a name that only one cluster knows", PUBLIC));
    }
    Ok(Host::Name(name.to_owned()))
}

/// Why no other machine can reach an address, if so: the predicate of a sentence.
pub(super) fn kind_of_no_use(address: IpAddr) -> Option<&'static str> {
    let address = address.to_canonical();
    let is_link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    let is_broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    let kinds = [
        (address.is_unspecified(), "is the unspecified address"),
        (address.is_loopback(), "is a loopback address"),
        (is_link_local, "is a link-local address"),
        (address.is_multicast(), "is a multicast address"),
        (is_broadcast, "is the broadcast address"),
    ];
    let kind = kinds.into_iter().find(|(is_so, _)| *is_so)?;
    Some(kind.1)
}

/// The address that Go dials: of `::ffff:203.0.113.10` it is the IPv4 address.
pub(super) fn as_dialled(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn fault(what: &'static str, help: &'static str) -> HostFault {
    HostFault { what, help }
}

/// Forms of other fields and programs.
fn no_other_form(text: &str) -> Result<(), HostFault> {
    let forms: [(bool, &str, &str); 9] = [
        (text.is_empty(), "is empty", ALONE),
        (text.contains("://"), "is a URL", ALONE),
        (
            text.chars().any(|c| c.is_whitespace() || c.is_control()),
            "holds a space or a control character",
            ALONE,
        ),
        (
            text.contains(['[', ']']),
            "has brackets, which belong to URLs",
            "write an IPv6 address without brackets, and the port into `apiserver.port`",
        ),
        (
            text.contains('%'),
            "has an IPv6 zone, which means something on one machine only",
            PUBLIC,
        ),
        (text.contains('/'), "has a path or a prefix length", ALONE),
        (
            text.contains('*'),
            "is a wildcard, which cannot be dialled",
            "write one name",
        ),
        (
            text.contains(':'),
            "has a port, or is a broken IPv6 address",
            "write the address alone, and the port into `apiserver.port`",
        ),
        (
            !text.is_ascii(),
            "is not ASCII",
            "write the name in its ASCII form, which begins with xn--",
        ),
    ];
    match forms.into_iter().find(|(is_so, _, _)| *is_so) {
        Some((_, what, help)) => Err(fault(what, help)),
        None => Ok(()),
    }
}

fn labels(name: &str) -> Result<(), HostFault> {
    const FORM: &str = "a label has 1 to 63 of a-z, 0-9 and hyphen, and none at its ends";
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let mut labels = name.split('.');
    if name.len() > 253 || !labels.clone().all(is_label) {
        return Err(fault("is neither an IP address nor a DNS name", FORM));
    }
    let last = labels.next_back().unwrap_or_default();
    if last.chars().all(|c| c.is_ascii_digit()) {
        return Err(fault(
            "looks like an IPv4 address and is none",
            "an IPv4 address is four numbers from 0 to 255",
        ));
    }
    if labels.next().is_none() {
        return Err(fault(
            "is a name of one label, which is looked up in each cluster's own domains",
            PUBLIC,
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_that_can_be_dialled_are_taken() {
        let name = |name: &str| Host::Name(name.to_owned());
        let long = format!("{}.example.com", "a".repeat(63));
        for (text, expected) in [
            ("203.0.113.10", Host::Ip([203, 0, 113, 10].into())),
            ("2001:db8::1", Host::Ip("2001:db8::1".parse().expect("IP"))),
            ("::ffff:203.0.113.10", Host::Ip([203, 0, 113, 10].into())),
            ("mesh.example.com", name("mesh.example.com")),
            ("mesh.example.com.", name("mesh.example.com")),
            ("a-1.mesh.cilium.io", name("a-1.mesh.cilium.io")),
            ("xn--bcher-kva.example", name("xn--bcher-kva.example")),
            (
                "Abc-123.elb.eu-central-1.amazonaws.com",
                name("Abc-123.elb.eu-central-1.amazonaws.com"),
            ),
            ("1.2.3.4.nip.io", name("1.2.3.4.nip.io")),
            (long.as_str(), name(&long)),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_no_client_can_dial_is_refused() {
        let label = format!("{}.example.com", "a".repeat(64));
        let long = format!("{}com", "abcdefgh.".repeat(29));
        for text in [
            "",
            ".",
            " mesh.example.com",
            "a b.example.com",
            "https://mesh.example.com",
            "mesh.example.com:2379",
            "203.0.113.10:2379",
            "[2001:db8::1]",
            "[2001:db8::1]:2379",
            "2001:db8::1::2",
            "fe80::1%eth0",
            "fe80::1",
            "127.0.0.1",
            "::1",
            "169.254.1.1",
            "0.0.0.0",
            "224.0.0.1",
            "192.0.2.300",
            "192.0.2",
            "1.2.3.4.5",
            "192.0.2.0/24",
            "mesh.example.com/path",
            "*.example.com",
            "localhost",
            "mesh",
            "apiserver.kube-system.svc",
            "apiserver.kube-system.svc.cluster.local",
            "x.CLUSTER.LOCAL",
            "localhost.localdomain",
            "mesh.localhost",
            "b\u{fc}cher.example",
            "a_b.example.com",
            "x#y.example.com",
            "=cmd.example.com",
            "-a.example.com",
            "a-.example.com",
            "a..example.com",
            "mesh.example.com..",
            "a\u{7}.example.com",
            "a\n.example.com",
            &label,
            &long,
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
