//! Name constraints: which names a CA's certificates may have. Go applies those of the trusted CA itself, too.

use std::net::IpAddr;

use super::der::{DerReader, SEQUENCE, context, explicit};
use super::mailbox::Mailbox;
use super::names::Names;
use super::text::ia5;
use super::uri;

/// The constraints of one CA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Constraints {
    permitted: Subtrees,
    excluded: Subtrees,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Subtrees {
    dns: Vec<String>,
    /// Address and mask, of one length.
    ips: Vec<(Vec<u8>, Vec<u8>)>,
    emails: Vec<String>,
    uris: Vec<String>,
}

impl Constraints {
    /// The constraints, and whether Go knows all kinds of names in them; `None` where it refuses one.
    pub(super) fn read(value: &[u8]) -> Option<(Self, bool)> {
        let mut outer = DerReader::new(value);
        let mut inside = outer.enter(SEQUENCE)?;
        let permitted = inside.optional(explicit(0))?;
        let excluded = inside.optional(explicit(1))?;
        let is_whole = outer.is_empty() && inside.is_empty();
        let [permitted, excluded] = [permitted, excluded].map(Option::unwrap_or_default);
        if !is_whole || permitted.is_empty() && excluded.is_empty() {
            return None;
        }
        let (permitted, knows_permitted) = Subtrees::read(permitted)?;
        let (excluded, knows_excluded) = Subtrees::read(excluded)?;
        let constraints = Self {
            permitted,
            excluded,
        };
        Some((constraints, knows_permitted && knows_excluded))
    }

    /// The first name of a certificate that is not allowed.
    pub(super) fn refuses(&self, names: &Names) -> Option<String> {
        let dns = names.dns.iter().find(|name| !self.allows_dns(name));
        let ip = names.ips.iter().find(|ip| !self.allows_ip(**ip));
        let uri = names.uris.iter().find(|uri| !self.allows_uri(uri));
        let email = names.emails.iter().find(|email| !self.allows_email(email));
        let ip = ip.map(IpAddr::to_string);
        ip.or_else(|| dns.or(uri).or(email).cloned())
    }

    pub(super) fn allows_dns(&self, name: &str) -> bool {
        uri::is_domain(name, false) && allows_domain(&self.permitted.dns, &self.excluded.dns, name)
    }

    pub(super) fn allows_ip(&self, ip: IpAddr) -> bool {
        let bytes = match ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let is_in = |all: &[(Vec<u8>, Vec<u8>)]| all.iter().any(|net| contains(net, &bytes));
        let permitted = &self.permitted.ips;
        (permitted.is_empty() || is_in(permitted)) && !is_in(&self.excluded.ips)
    }

    fn allows_uri(&self, uri: &str) -> bool {
        uri_domain(uri)
            .is_some_and(|domain| allows_domain(&self.permitted.uris, &self.excluded.uris, &domain))
    }

    fn allows_email(&self, email: &str) -> bool {
        let Some(mailbox) = Mailbox::parse(email) else {
            return false;
        };
        let permitted = &self.permitted.emails;
        let is_permitted = permitted.is_empty() || names_mailbox(permitted, &mailbox, true);
        is_permitted && !names_mailbox(&self.excluded.emails, &mailbox, false)
    }
}

impl Subtrees {
    fn read(list: &[u8]) -> Option<(Self, bool)> {
        const EMAIL: u8 = context(1);
        const DNS: u8 = context(2);
        const URI: u8 = context(6);
        const IP: u8 = context(7);
        let (mut all, mut knows_all) = (Self::default(), true);
        let mut list = DerReader::new(list);
        while !list.is_empty() {
            let base = list.enter(SEQUENCE)?.any()?;
            match base.tag {
                DNS => all.dns.push(domain(base.content)?),
                IP => all.ips.push(network(base.content)?),
                EMAIL => all.emails.push(email_constraint(base.content)?),
                URI => all
                    .uris
                    .push(domain(base.content).filter(|domain| !is_ip(domain))?),
                _ => knows_all = false,
            }
        }
        Some((all, knows_all))
    }
}

fn domain(bytes: &[u8]) -> Option<String> {
    ia5(bytes).filter(|text| uri::is_domain(text, true))
}

fn email_constraint(bytes: &[u8]) -> Option<String> {
    let text = ia5(bytes)?;
    let is_sound = if text.contains('@') {
        Mailbox::parse(&text).is_some()
    } else {
        uri::is_domain(&text, true)
    };
    is_sound.then_some(text)
}

fn network(bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    if !matches!(bytes.len(), 8 | 32) {
        return None;
    }
    let (address, mask) = bytes.split_at_checked(bytes.len() / 2)?;
    let ones = mask.iter().map(|byte| byte.leading_ones()).sum::<u32>();
    let length = mask.iter().take_while(|byte| **byte == 0xff).count() as u32 * 8;
    let rest = mask
        .get(length as usize / 8)
        .map_or(0, |byte| byte.leading_ones());
    let counted = mask.iter().map(|byte| byte.count_ones()).sum::<u32>();
    (ones == counted && counted == length + rest).then(|| (address.to_vec(), mask.to_vec()))
}

fn contains((address, mask): &(Vec<u8>, Vec<u8>), ip: &[u8]) -> bool {
    let masked = address.iter().zip(mask).zip(ip);
    address.len() == ip.len() && masked.into_iter().all(|((a, m), i)| a & m == i & m)
}

fn is_ip(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn allows_domain(permitted: &[String], excluded: &[String], name: &str) -> bool {
    let is_permitted = permitted.is_empty() || permitted.iter().any(|above| is_below(above, name));
    let wildcard = name.starts_with('*').then(|| behind_first_label(name));
    let is_excluded = excluded.iter().any(|constraint| {
        // A wildcard stands for every name beside an excluded one, too.
        let beside = wildcard.is_some_and(|parent| {
            let of = behind_first_label(constraint);
            !of.is_empty() && of.eq_ignore_ascii_case(parent)
        });
        is_below(constraint, name) || beside
    });
    is_permitted && !is_excluded
}

/// From the first dot on.
fn behind_first_label(name: &str) -> &str {
    name.find('.')
        .and_then(|dot| name.get(dot..))
        .unwrap_or_default()
}

/// Whether a name is a constraint's or one below it; behind a leading dot only those below.
fn is_below(constraint: &str, name: &str) -> bool {
    let Some(start) = name.len().checked_sub(constraint.len()) else {
        return false;
    };
    let (before, end) = name.split_at_checked(start).unwrap_or((name, ""));
    let at_label = constraint.is_empty()
        || constraint.starts_with('.')
        || before.is_empty()
        || before.ends_with('.');
    end.eq_ignore_ascii_case(constraint) && at_label
}

/// The host of a URI without its port; `None` where constraints cannot be compared with it.
fn uri_domain(uri: &str) -> Option<String> {
    let host = uri::host(uri)?.to_ascii_lowercase();
    let host = host.split_once(':').map_or(host.as_str(), |(name, _)| name);
    let usable = !host.is_empty() && !is_ip(host) && !host.starts_with('[');
    (usable && uri::is_domain(host, false)).then(|| host.to_owned())
}

fn names_mailbox(constraints: &[String], mailbox: &Mailbox, permitted: bool) -> bool {
    let (whole, domains): (Vec<&String>, Vec<&String>) = constraints
        .iter()
        .partition(|constraint| constraint.contains('@'));
    let is_whole = whole
        .iter()
        .any(|constraint| Mailbox::parse(constraint).as_ref() == Some(mailbox));
    let domains: Vec<String> = domains.into_iter().cloned().collect();
    let is_domain = !domains.is_empty()
        && if permitted {
            allows_domain(&domains, &[], &mailbox.domain)
        } else {
            !allows_domain(&[], &domains, &mailbox.domain)
        };
    is_whole || is_domain
}
