use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::fixture;
use crate::pki::{EncodingError, KeyText, Pem, PemLabel, read_pem};

fn mistake(text: &str) -> EncodingError {
    read_pem(text).unwrap_err()
}

fn base64(text: impl AsRef<[u8]>) -> String {
    STANDARD.encode(text)
}

fn same(left: &Pem, right: &Pem) -> bool {
    left.der() == right.der() && left.to_base64() == right.to_base64()
}

#[test]
fn secrets_are_not_shown() {
    let text = fixture("ca-p256.key");
    let pem = read_pem(&text).unwrap();
    assert_eq!(format!("{pem:?}"), "Pem(EC PRIVATE KEY, [hidden])");
    let key = KeyText::new("geheim");
    assert_eq!(
        format!("{key} {key:?} {key:#?}"),
        "[hidden] KeyText([hidden]) KeyText([hidden])"
    );
    assert_eq!(key.expose(), "geheim");
}

#[test]
fn base64_keeps_every_byte() {
    let text = format!(
        "subject=somebody\r\n{}\n\n",
        fixture("ca-p256.crt").replace('\n', "\r\n")
    );
    let pem = read_pem(&base64(&text)).unwrap();
    assert_eq!(pem.label(), PemLabel::Certificate);
    assert_eq!(pem.to_base64().expose(), base64(&text));
}

#[test]
fn white_space_and_lost_padding_do_no_harm() {
    let text = fixture("ca-p256.crt");
    let line = base64(format!("{:1$}\n", text, text.len() / 3 * 3 + 3));
    assert!(line.ends_with('='));
    let wrapped: String = line
        .as_bytes()
        .chunks(60)
        .map(|part| format!("  {}\r\n", str::from_utf8(part).unwrap()))
        .collect();
    let expected = read_pem(&line).unwrap();
    assert!(same(&read_pem(&wrapped).unwrap(), &expected));
    assert!(same(
        &read_pem(line.trim_end_matches('=')).unwrap(),
        &expected
    ));
}

#[test]
fn pem_is_written_as_openssl_and_go_write_it() {
    for name in [
        "ca-p256.crt",
        "ca-p256.key",
        "ca-rsa.key",
        "ca-ed25519.key",
        "ca-p521.pkcs8.key",
    ] {
        let text = fixture(name);
        assert_eq!(
            read_pem(&text).unwrap().to_base64().expose(),
            base64(&text),
            "{name}"
        );
    }
}

#[test]
fn pem_may_be_folded_indented_and_escaped() {
    let text = fixture("ca-p256.crt");
    let expected = read_pem(&text).unwrap();
    let forms = [
        text.trim_end().to_owned(),
        text.replace('\n', " "),
        text.replace('\n', "\r\n"),
        text.replace('\n', "\n    "),
        text.replace('\n', r"\n"),
        text.replace('\n', r"\r\n"),
        format!("\u{feff}{text}"),
        format!("Bag Attributes\n  friendlyName: x\n{text}\n# the end\n"),
    ];
    for form in forms {
        assert!(same(&read_pem(&form).unwrap(), &expected), "{form}");
    }
}

#[test]
fn empty_values_and_placeholders() {
    for text in ["", " \n", "\u{feff}", &base64("\n")] {
        assert_eq!(mistake(text), EncodingError::Empty, "{text:?}");
    }
    let shortened = "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----";
    for text in [
        "<base64-encoded-cert>",
        "${CA_CRT}",
        "{{ ca }}",
        "LS0tLS1CRUdJTi...",
        shortened,
        &base64("<cert>"),
    ] {
        assert_eq!(mistake(text), EncodingError::Placeholder, "{text:?}");
    }
}

#[test]
fn wrong_encodings() {
    let text = fixture("ca-p256.crt");
    let der = read_pem(&text).unwrap().der().to_vec();
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let coded = base64(&text);
    let damaged = format!("{}!", &coded[..100]);
    for (text, expected) in [
        ("no secret, this", EncodingError::NeitherBase64NorPem),
        ("aGVsbG8=", EncodingError::Base64OfSomethingElse),
        (
            &base64([0xff, 0xfe, 0x2d]),
            EncodingError::Base64OfSomethingElse,
        ),
        (&base64(&coded), EncodingError::Base64Twice),
        (&base64(base64(&der)), EncodingError::Base64Twice),
        (&base64(&der), EncodingError::Base64OfDer),
        (&body, EncodingError::Base64OfDer),
        (&coded[..101], EncodingError::Base64Damaged),
        (&damaged, EncodingError::Base64Damaged),
        (&coded[..100], EncodingError::NoEndLine),
        (
            &base64(text.replace('\n', " ")),
            EncodingError::NotOnOwnLines,
        ),
        (
            &base64(text.replace('\n', "\n  ")),
            EncodingError::NotOnOwnLines,
        ),
    ] {
        assert_eq!(mistake(text), expected);
    }
}

#[test]
fn damaged_pem() {
    let text = fixture("ca-p256.crt");
    let lines: Vec<&str> = text.lines().collect();
    let without = |line: usize| {
        let mut lines = lines.clone();
        lines.remove(line);
        lines.join("\n")
    };
    for (text, expected) in [
        (without(0), EncodingError::NoBeginLine),
        (without(3), EncodingError::Truncated),
        (without(lines.len() - 1), EncodingError::NoEndLine),
        (text[..20].to_owned(), EncodingError::NoEndLine),
        (text[..text.len() - 4].to_owned(), EncodingError::NoEndLine),
        (text.replacen("MII", "M!I", 1), EncodingError::BodyDamaged),
        (text.replacen("MII", "AII", 1), EncodingError::BodyDamaged),
        (
            text.replace("END CERTIFICATE", "END PRIVATE KEY"),
            EncodingError::LabelsDiffer,
        ),
        (
            "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----".to_owned(),
            EncodingError::Truncated,
        ),
    ] {
        assert_eq!(mistake(&text), expected, "{text}");
        if expected != EncodingError::NoBeginLine && text.len() > 60 {
            assert_eq!(mistake(&base64(&text)), expected, "{text}");
        }
    }
}

#[test]
fn other_blocks() {
    let text = fixture("ca-p256.crt");
    let odd = |name: &str| mistake(&text.replace("CERTIFICATE", name));
    let label = Some("PUBLIC KEY");
    assert_eq!(odd("PUBLIC KEY"), EncodingError::UnexpectedLabel { label });
    assert_eq!(
        odd("hunter2"),
        EncodingError::UnexpectedLabel { label: None }
    );
    assert_eq!(
        odd("hunter2").to_string(),
        "the PEM is something else, not a certificate or private key"
    );
    for name in ["ca-p256.encrypted.key", "ca-p256.encrypted-sec1.key"] {
        assert_eq!(
            mistake(&fixture(name)),
            EncodingError::EncryptedKey,
            "{name}"
        );
    }
}

#[test]
fn several_blocks_are_counted() {
    let both = fixture("ca-p256.crt") + &fixture("ca-p256.key") + &fixture("ca-rsa.crt");
    assert_eq!(
        mistake(&both).to_string(),
        "the PEM has more than one block (2 certificates, 1 private key)"
    );
    let parameters = mistake(&fixture("ec-with-parameters.key"));
    assert_eq!(
        parameters.to_string(),
        "the PEM has more than one block (1 private key, 1 other block)"
    );
}
