//! E-mail addresses in certificates, as Go reads them.

/// An address; the domain in small letters, which is how it is compared.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mailbox {
    pub(super) local: Vec<u8>,
    pub(super) domain: String,
}

impl Mailbox {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (local, rest) = match text.strip_prefix('"') {
            Some(quoted) => read_quoted(quoted)?,
            None => read_atoms(text)?,
        };
        let domain = rest.strip_prefix('@')?;
        let is_label =
            |label: &str| !label.is_empty() && label.bytes().all(|c| (33..=126).contains(&c));
        let is_domain = domain.is_empty() || domain.split('.').all(is_label);
        is_domain.then(|| Self {
            local,
            domain: domain.to_ascii_lowercase(),
        })
    }
}

fn read_quoted(text: &str) -> Option<(Vec<u8>, &str)> {
    let mut local = Vec::new();
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some((local, text.get(at + 1..)?)),
            b'\\' => {
                let (_, escaped) = bytes.next()?;
                let allowed = matches!(escaped, 1..=9 | 11 | 12 | 14..=127);
                local.push(Some(escaped).filter(|_| allowed)?);
            }
            1..=8 | 11 | 12 | 14..=33 | 35..=91 | 93..=127 => local.push(byte),
            _ => return None,
        }
    }
    None
}

fn read_atoms(text: &str) -> Option<(Vec<u8>, &str)> {
    let mut local = Vec::new();
    let mut bytes = text.bytes().enumerate();
    let mut end = text.len();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\\' {
            local.push(bytes.next()?.1);
        } else if byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte) {
            local.push(byte);
        } else {
            end = at;
            break;
        }
    }
    let has_dots_in_place = !local.is_empty()
        && local.first() != Some(&b'.')
        && local.last() != Some(&b'.')
        && !local.windows(2).any(|two| two == b"..");
    has_dots_in_place.then_some((local, text.get(end..)?))
}
