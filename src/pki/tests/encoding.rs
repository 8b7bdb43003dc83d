use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::fixture;
use crate::pki::certificate::CertificateError;
use crate::pki::encoding::read_pem;
use crate::pki::key::KeyError;
use crate::pki::mistake::EncodingError;
use crate::pki::{Certificate, KeyText, PrivateKey, text_of_file};

fn mistake(text: &str) -> EncodingError {
    read_pem(text).unwrap_err()
}

fn read(text: &str) -> Certificate {
    Certificate::parse(text).unwrap()
}

/// The base64 that Secrets would hold of a certificate or a key.
fn rewritten(text: &str) -> String {
    match PrivateKey::parse(text) {
        Ok(key) => key.pem_base64().expose().to_owned(),
        Err(_) => read(text).pem_base64().to_owned(),
    }
}

fn base64(text: impl AsRef<[u8]>) -> String {
    STANDARD.encode(text)
}

#[test]
fn secrets_are_not_shown() {
    let text = fixture("ca-p256.key");
    let pem = read_pem(&text).unwrap();
    assert_eq!(format!("{pem:?}"), "Pem(1 blocks, [hidden])");
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
    assert_eq!(read(&base64(&text)).pem_base64(), base64(&text));
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
    let expected = read(&line);
    assert_eq!(read(&wrapped), expected);
    assert_eq!(read(line.trim_end_matches('=')), expected);
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
        assert_eq!(rewritten(&text), base64(&text), "{name}");
    }
}

#[test]
fn pem_may_be_folded_indented_and_escaped() {
    let text = fixture("ca-p256.crt");
    let expected = read(&text);
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
        assert_eq!(read(&form), expected, "{form}");
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
    let der = read(&text).der().to_vec();
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let coded = base64(&text);
    let damaged = format!("{}!", &coded[..100]);
    for (text, expected) in [
        ("no secret, this", EncodingError::NeitherBase64NorPem),
        ("aGVsbG8=", EncodingError::Base64OfSomethingElse),
        (
            &base64([0xff, 0x00, 0x2d]),
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
        (without(lines.len() - 1), EncodingError::NoEndLine),
        (text[..20].to_owned(), EncodingError::NoEndLine),
        (text[..text.len() - 4].to_owned(), EncodingError::NoEndLine),
        (text.replacen("MII", "M!I", 1), EncodingError::BodyDamaged),
        (
            text.replace("END CERTIFICATE", "END PRIVATE KEY"),
            EncodingError::LabelsDiffer,
        ),
    ] {
        assert_eq!(mistake(&text), expected, "{text}");
        if expected != EncodingError::NoBeginLine && text.len() > 60 {
            assert_eq!(mistake(&base64(&text)), expected, "{text}");
        }
    }
    let empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----";
    let truncated = CertificateError::Encoding(EncodingError::Truncated);
    for text in [without(3), base64(without(3)), empty.to_owned()] {
        assert_eq!(Certificate::parse(&text), Err(truncated.clone()), "{text}");
    }
}

#[test]
fn other_blocks() {
    let text = fixture("ca-p256.crt");
    let odd = |name: &str| {
        let text = text.replace("CERTIFICATE", name);
        match (Certificate::parse(&text), PrivateKey::parse(&text)) {
            (Err(CertificateError::Encoding(cert)), Err(KeyError::Encoding(key))) => {
                assert_eq!(cert, key);
                cert
            }
            read => panic!("{read:?}"),
        }
    };
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
        let refused = PrivateKey::parse(&fixture(name)).unwrap_err();
        assert_eq!(
            refused,
            KeyError::Encoding(EncodingError::EncryptedKey),
            "{name}"
        );
    }
}

#[test]
fn what_does_not_count_is_left_out() {
    let (cert, key) = (fixture("ca-p256.crt"), fixture("ca-p256.key"));
    let both = cert.clone() + &key;
    for given in [both.clone(), base64(&both), fixture("ca-rsa.key") + &both] {
        assert_eq!(read(&given).pem_base64(), base64(&cert));
    }
    let first = PrivateKey::parse(&base64(both + &fixture("ca-rsa.key"))).unwrap();
    assert_eq!(first.pem_base64().expose(), base64(&key));
    let with_parameters = fixture("ec-with-parameters.key");
    let alone = with_parameters
        .split_once("PARAMETERS-----\n-----BEGIN EC PR")
        .unwrap()
        .1;
    assert_eq!(
        rewritten(&base64(&with_parameters)),
        base64(format!("-----BEGIN EC PR{alone}"))
    );
    let chain = fixture("remote-p256.crt") + &cert;
    assert_eq!(read(&base64(&chain)).pem_base64(), base64(&chain));
    assert_eq!(read(&(chain.clone() + &cert)).pem_base64(), base64(&chain));
}

#[test]
fn files_may_be_der_or_utf16() {
    let (cert, key) = (fixture("ca-p256.crt"), fixture("ca-p256.key"));
    let der = read(&cert).der().to_vec();
    assert_eq!(text_of_file(der).unwrap().expose(), cert);
    let inside = base64_body(&key);
    let key_file = text_of_file(STANDARD.decode(inside).unwrap()).unwrap();
    assert_eq!(rewritten(key_file.expose()), base64(&key));
    let little = cert.encode_utf16().flat_map(u16::to_le_bytes);
    let big = cert.encode_utf16().flat_map(u16::to_be_bytes);
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(little).collect();
    let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(big).collect();
    assert_eq!(mistake(&base64(&little)), EncodingError::Base64OfUtf16);
    for bytes in [little, big] {
        assert_eq!(text_of_file(bytes).unwrap().expose(), cert);
    }
    assert!(text_of_file(vec![0xff, 0xfe, 0x41]).is_none());
    assert!(text_of_file(vec![0x30, 0x80, 0xff]).is_none());
}

fn base64_body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}
