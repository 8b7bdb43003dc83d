//! URIs in certificates, as Go's `net/url` and crypto/x509 take them.

use std::net::Ipv6Addr;

/// Whether Go can parse it and takes its host for a domain name.
pub(super) fn is_valid(uri: &str) -> bool {
    host(uri).is_some_and(|host| is_domain(&host, false))
}

/// The host with its port, empty where there is none; `None` where Go cannot parse the URI.
pub(super) fn host(uri: &str) -> Option<String> {
    if uri.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return None;
    }
    let (uri, fragment) = uri.split_once('#').unwrap_or((uri, ""));
    let (scheme, rest) = split_scheme(uri)?;
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    let is_sound = |text: &str| has_sound_escapes(text);
    if !is_sound(fragment) {
        return None;
    }
    if !rest.starts_with('/') {
        let first = rest.split('/').next().unwrap_or_default();
        let is_sound = scheme.is_some() || !first.contains(':') && is_sound(rest);
        return is_sound.then(String::new);
    }
    let has_authority = scheme.is_some() || !rest.starts_with("///");
    let Some(authority) = rest.strip_prefix("//").filter(|_| has_authority) else {
        return is_sound(rest).then(String::new);
    };
    let end = authority.find('/').unwrap_or(authority.len());
    let (authority, path) = authority.split_at_checked(end)?;
    let strict = scheme.is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    });
    read_authority(authority, strict).filter(|_| is_sound(path))
}

/// The scheme, where there is one, and what stands behind it.
fn split_scheme(uri: &str) -> Option<(Option<&str>, &str)> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    match uri.split_once(':') {
        Some(("", _)) => None,
        Some((scheme, rest))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(is_letter) =>
        {
            Some((Some(scheme), rest))
        }
        _ => Some((None, uri)),
    }
}

fn read_authority(authority: &str, strict_colons: bool) -> Option<String> {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let is_user = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(is_user) || !has_sound_escapes(user) {
        return None;
    }
    match host.rfind('[') {
        Some(0) => {
            let (address, port) = host.get(1..)?.rsplit_once(']')?;
            let is_address = address.parse::<Ipv6Addr>().is_ok();
            (is_address && is_port(port)).then(|| host.to_owned())
        }
        Some(_) => None,
        None => {
            let colon = if strict_colons {
                host.find(':')
            } else {
                host.rfind(':')
            };
            let port = colon
                .and_then(|colon| host.get(colon..))
                .unwrap_or_default();
            is_port(port).then(|| unescaped_host(host))?
        }
    }
}

fn is_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()),
        None => text.is_empty(),
    }
}

/// Only a percent sign may be escaped in a host: other escapes make no domain name.
fn unescaped_host(host: &str) -> Option<String> {
    let host = host.replace("%25", "\u{1}");
    let is_host =
        |c: char| c == '\u{1}' || c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"".contains(c);
    host.chars()
        .all(is_host)
        .then(|| host.replace('\u{1}', "%"))
}

fn has_sound_escapes(text: &str) -> bool {
    let mut parts = text.split('%');
    parts.next();
    parts.all(|part| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Whether Go takes it for a domain name; only a constraint may begin with a dot.
pub(super) fn is_domain(name: &str, constraint: bool) -> bool {
    if name.is_empty() {
        return true;
    }
    let name = name
        .strip_prefix('.')
        .filter(|_| constraint)
        .unwrap_or(name);
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| (33..=126).contains(&byte));
    name.split('.').all(is_label)
}
