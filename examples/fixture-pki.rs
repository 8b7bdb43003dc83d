//! Makes the Secrets of a test mesh, as `kubectl get secret -n kube-system NAME -o yaml` prints them, so that fixture
//! folders never hold anything real:
//!
//! ```text
//! cargo run --example fixture-pki -- OUT_DIR cluster-1 cluster-2
//! ```
//!
//! writes `OUT_DIR/dumps/<cluster>/<secret>.secret.yaml`. Dates are fixed, not taken from the clock; keys and
//! signatures are new in every run.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use meshgen::testing::pki::{Certificate, PrivateKey, prove_ca, prove_remote};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const MARK: &str = "meshgen test fixture, not a secret";
const SERVER: &str = "clustermesh-apiserver.cilium.io";

/// Makes cilium-ca, remote and server certificates for test meshes.
#[derive(Parser)]
struct Options {
    /// Where `dumps/` is made.
    out: PathBuf,
    /// Names of the clusters.
    #[arg(required = true)]
    clusters: Vec<String>,
    /// The first cluster's CA signs the leaves of all clusters; each dumped cilium-ca stays the cluster's own.
    #[arg(long)]
    shared_ca: bool,
    /// Every dumped cilium-ca is the first cluster's: the mesh has been joined.
    #[arg(long, requires = "shared_ca")]
    replaced: bool,
    /// This cluster's leaves are still signed by its own old CA.
    #[arg(long, value_name = "NAME", requires = "shared_ca")]
    wrong_ca: Vec<String>,
    /// This cluster's leaves ended 30 days before the others begin.
    #[arg(long, value_name = "NAME")]
    expired: Vec<String>,
    /// The remote certificate's common name is `remote-<cluster>`, as authMode `cluster` needs it.
    #[arg(long)]
    auth_cluster: bool,
    /// Lifetime of the leaves; the CAs live ten years.
    #[arg(long, default_value_t = 1095)]
    days: i64,
    /// First day of validity.
    #[arg(long, value_name = "YYYY-MM-DD", default_value = "2026-11-01", value_parser = parse_date)]
    not_before: OffsetDateTime,
}

fn main() -> Result<()> {
    let options = Options::parse();
    check_names(&options)?;
    let start = options.not_before;
    let cas = options.clusters.iter().map(|_| make_ca(start));
    let cas = cas.collect::<Result<Vec<_>>>()?;
    for (name, own) in options.clusters.iter().zip(&cas) {
        write_cluster(&options, name, own, &cas[0])?;
    }
    Ok(())
}

fn check_names(options: &Options) -> Result<()> {
    let named = options.wrong_ca.iter().chain(&options.expired);
    if let Some(unknown) = named.into_iter().find(|n| !options.clusters.contains(n)) {
        return Err(format!("`{unknown}` is none of the clusters").into());
    }
    if options.wrong_ca.contains(&options.clusters[0]) {
        return Err("the first cluster's CA is the shared one: it has no wrong CA".into());
    }
    Ok(())
}

fn write_cluster(options: &Options, name: &str, own: &Pair, first: &Pair) -> Result<()> {
    let old = !options.shared_ca || options.wrong_ca.iter().any(|wrong| wrong == name);
    let signer = if old { own } else { first };
    let dumped = if options.replaced { first } else { own };
    let user = if options.auth_cluster {
        format!("remote-{name}")
    } else {
        "remote".to_owned()
    };
    let dates = leaf_dates(options, name);
    let remote = make_leaf(signer, &user, vec![], dates)?;
    let server = make_leaf(signer, SERVER, server_names()?, dates)?;
    let ca = [("ca.crt", dumped.cert()?), ("ca.key", dumped.key()?)];
    let folder = options.out.join("dumps").join(name);
    fs::create_dir_all(&folder)?;
    let write = |secret: &str, kind: &str, data: &[(&str, String)]| {
        write_secret(
            &folder,
            &Secret {
                cluster: name,
                secret,
                kind,
                data,
            },
            options.not_before,
        )
    };
    let (tls, prefix) = ("kubernetes.io/tls", "clustermesh-apiserver");
    write("cilium-ca", "Opaque", &ca)?;
    write(
        &format!("{prefix}-remote-cert"),
        tls,
        &remote.tls_data(signer)?,
    )?;
    write(
        &format!("{prefix}-server-cert"),
        tls,
        &server.tls_data(signer)?,
    )
}

fn leaf_dates(options: &Options, name: &str) -> (OffsetDateTime, OffsetDateTime) {
    let lifetime = Duration::days(options.days);
    let start = if options.expired.iter().any(|expired| expired == name) {
        options.not_before - lifetime - Duration::days(30)
    } else {
        options.not_before
    };
    (start, start + lifetime)
}

/// A certificate with its key.
struct Pair {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
}

/// A CA with the subject that certgen up to 0.1.x gives it, so that only signatures tell one from another.
fn make_ca(start: OffsetDateTime) -> Result<Pair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = start;
    params.not_after = start.replace_year(start.year() + 10)?;
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in [
        (DnType::CountryName, "US"),
        (DnType::StateOrProvinceName, "San Francisco"),
        (DnType::LocalityName, "CA"),
        (DnType::OrganizationName, "Cilium"),
        (DnType::OrganizationalUnitName, MARK),
        (DnType::CommonName, "Cilium CA"),
    ] {
        params.distinguished_name.push(kind, value);
    }
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Pair { params, key, pem }.proven_ca()
}

fn make_leaf(
    ca: &Pair,
    common_name: &str,
    names: Vec<SanType>,
    (not_before, not_after): (OffsetDateTime, OffsetDateTime),
) -> Result<Pair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
    ];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    (params.not_before, params.not_after) = (not_before, not_after);
    params.subject_alt_names = names;
    params.distinguished_name = DistinguishedName::new();
    let subject = &mut params.distinguished_name;
    subject.push(DnType::OrganizationalUnitName, MARK);
    subject.push(DnType::CommonName, common_name);
    let key = KeyPair::generate()?;
    let pem = params
        .signed_by(&key, &Issuer::from_params(&ca.params, &ca.key))?
        .pem();
    Pair { params, key, pem }.proven_leaf(ca, common_name)
}

/// What charts from 1.16 on put into the server certificate.
fn server_names() -> Result<Vec<SanType>> {
    Ok(vec![
        SanType::DnsName(SERVER.try_into()?),
        SanType::DnsName("*.mesh.cilium.io".try_into()?),
        SanType::DnsName("clustermesh-apiserver.kube-system.svc".try_into()?),
        SanType::IpAddress("127.0.0.1".parse()?),
        SanType::IpAddress("::1".parse()?),
    ])
}

impl Pair {
    fn cert(&self) -> Result<String> {
        Ok(Certificate::parse(&self.pem)?.pem_base64().to_owned())
    }

    /// The key as certgen writes it: SEC1 in PEM, in base64.
    fn key(&self) -> Result<String> {
        let label = "EC PRIVATE KEY";
        let body = STANDARD.encode(sec1(&self.key)?);
        let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----");
        Ok(PrivateKey::parse(&pem)?.pem_base64().expose().to_owned())
    }

    fn tls_data(&self, ca: &Self) -> Result<[(&'static str, String); 3]> {
        Ok([
            ("ca.crt", ca.cert()?),
            ("tls.crt", self.cert()?),
            ("tls.key", self.key()?),
        ])
    }

    fn proven_ca(self) -> Result<Self> {
        let (cert, key) = (
            Certificate::parse(&self.pem)?,
            PrivateKey::parse(&self.key()?)?,
        );
        match prove_ca(&cert, Some(&key)).as_slice() {
            [] => Ok(self),
            faults => Err(format!("made an unusable CA: {faults:?}").into()),
        }
    }

    fn proven_leaf(self, ca: &Self, common_name: &str) -> Result<Self> {
        let (cert, key) = (
            Certificate::parse(&self.pem)?,
            PrivateKey::parse(&self.key()?)?,
        );
        match prove_remote(
            &cert,
            &key,
            &Certificate::parse(&ca.pem)?,
            common_name,
            None,
        )
        .as_slice()
        {
            [] => Ok(self),
            faults => Err(format!("made an unusable leaf: {faults:?}").into()),
        }
    }
}

/// ring writes PKCS#8 of one fixed layout for P-256: 36 bytes, the private key, 5 bytes, the public key.
fn sec1(key: &KeyPair) -> Result<Vec<u8>> {
    let pkcs8 = key.serialized_der();
    let private = pkcs8.get(36..68).ok_or("the key is no P-256 key")?;
    let before = [0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20];
    let curve = [
        0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    ];
    let point = [0xa1, 0x44, 0x03, 0x42, 0x00];
    Ok([&before, private, &curve, &point, key.public_key_raw()].concat())
}

/// One Secret to write.
struct Secret<'a> {
    cluster: &'a str,
    secret: &'a str,
    kind: &'a str,
    data: &'a [(&'a str, String)],
}

fn write_secret(folder: &Path, of: &Secret<'_>, created: OffsetDateTime) -> Result<()> {
    let data: String = of
        .data
        .iter()
        .map(|(key, value)| format!("  {key}: {value}\n"))
        .collect();
    let text = format!(
        "# Test fixture made for meshgen; this key protects nothing.\n\
         apiVersion: v1\ndata:\n{data}kind: Secret\nmetadata:\n  creationTimestamp: \"{}T00:04:12Z\"\n  \
         name: {}\n  namespace: kube-system\n  resourceVersion: \"{}\"\n  uid: {}\ntype: {}\n",
        created.date(),
        of.secret,
        1000 + of.secret.len(),
        uid(of.cluster, of.secret),
        of.kind,
    );
    fs::write(folder.join(format!("{}.secret.yaml", of.secret)), text)?;
    Ok(())
}

/// Looks like the API server's random ones, but is the same in every run.
fn uid(cluster: &str, secret: &str) -> String {
    let hash = Sha256::digest(format!("{cluster}/{secret}"));
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

fn parse_date(text: &str) -> std::result::Result<OffsetDateTime, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let &[year, month, day] = parts.as_slice() else {
        return Err("expected YYYY-MM-DD".to_owned());
    };
    let (year, month, day) = (year.parse::<i32>(), month.parse::<u8>(), day.parse::<u8>());
    match (year, month, day) {
        (Ok(year @ 1950..=2049), Ok(month @ 1..=12), Ok(day @ 1..=28)) => {
            Ok(date_time_ymd(year, month, day))
        }
        _ => Err("expected a day from 1 to 28 of a month between 1950 and 2049".to_owned()),
    }
}
