//! Meshes of any size, with dumps as `kubectl get -o yaml` prints them.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the clusters of a mesh carry of each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Names and addresses: the CA is shared.
    Compact,
    /// Certificates too: each cluster keeps its own CA.
    Inline,
}

/// Writes a mesh of `size` clusters into a folder, mesh.yaml and `dumps/`.
pub(crate) fn write(folder: &Path, size: usize, trust: Trust) -> Result<()> {
    let shared = Pair::ca()?;
    let mut text = header(size, trust);
    for id in 1..=size {
        let own = match trust {
            Trust::Compact => None,
            Trust::Inline => Some(Pair::ca()?),
        };
        let ca = own.as_ref().unwrap_or(&shared);
        write_dumps(&folder.join(format!("dumps/cluster-{id}")), id, ca)?;
        cluster(&mut text, id)?;
    }
    fs::write(folder.join("mesh.yaml"), text)?;
    Ok(())
}

fn header(size: usize, trust: Trust) -> String {
    let mode = match trust {
        Trust::Compact => "sharedCA",
        Trust::Inline => "inline",
    };
    let max = if size > 255 { 511 } else { 255 };
    format!(
        "apiVersion: meshgen/v1\nmesh: bench\ntrust: {mode}\nmaxConnectedClusters: {max}\n\
         defaults: {{kkp: \"2.30.5\", cilium: 1.18.10, proxyMode: ebpf}}\nclusters:\n"
    )
}

/// Four ranges each, of both families.
fn cluster(text: &mut String, id: usize) -> Result<()> {
    let (high, low) = (id / 256, id % 256);
    let pods = format!("10.{}.{}.0/20", id / 16, id % 16 * 16);
    write!(
        text,
        "- name: cluster-{id}\n  id: {id}\n  podCIDRs: [{pods}, 'fd00:{high:x}:{low:x}::/48']\n  \
         serviceCIDRs: [10.240.16.0/20]\n  nodeCIDRs: [192.{}.{low}.0/24]\n  \
         apiserver: {{ips: [203.{high}.113.{low}]}}\n  dumps: dumps/cluster-{id}/\n",
        168 + high
    )?;
    Ok(())
}

fn write_dumps(folder: &Path, id: usize, ca: &Pair) -> Result<()> {
    fs::create_dir_all(folder)?;
    let leaf = ca.leaf()?;
    let data = [("ca.crt", ca.cert()), ("ca.key", ca.key())];
    fs::write(
        folder.join("cilium-ca.secret.yaml"),
        secret("cilium-ca", &data),
    )?;
    let name = "clustermesh-apiserver-remote-cert";
    let data = [
        ("ca.crt", ca.cert()),
        ("tls.crt", leaf.cert()),
        ("tls.key", leaf.key()),
    ];
    fs::write(
        folder.join(format!("{name}.secret.yaml")),
        secret(name, &data),
    )?;
    fs::write(
        folder.join("cilium.applicationinstallation.yaml"),
        installation(id),
    )?;
    Ok(())
}

fn secret(name: &str, data: &[(&str, String)]) -> String {
    let lines: String = data
        .iter()
        .map(|(key, value)| format!("  {key}: {value}\n"))
        .collect();
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: kube-system}}\ndata:\n{lines}"
    )
}

fn installation(id: usize) -> String {
    format!(
        "apiVersion: apps.kubermatic.k8c.io/v1\nkind: ApplicationInstallation\nmetadata:\n  name: cilium\n  \
         namespace: kube-system\n  uid: 00000000-0000-4000-8000-{id:012}\nspec:\n  \
         applicationRef: {{name: cilium, version: 1.18.10}}\n  namespace: {{create: false, name: kube-system}}\n  \
         values: {{}}\n  valuesBlock: |\n    hubble:\n      relay:\n        enabled: true\n    ipam:\n      operator:\n        \
         clusterPoolIPv4MaskSize: 24\n    kubeProxyReplacement: \"true\"\n"
    )
}

/// A certificate with its key.
struct Pair {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
}

impl Pair {
    fn ca() -> Result<Self> {
        let mut params = params(
            &[KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
            "Cilium CA",
        );
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Self { params, key, pem })
    }

    /// What peers present to the cluster of this CA.
    fn leaf(&self) -> Result<Self> {
        let usages = [
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
        ];
        let mut params = params(&usages, "remote");
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate()?;
        let issuer = Issuer::from_params(&self.params, &self.key);
        let pem = params.signed_by(&key, &issuer)?.pem();
        Ok(Self { params, key, pem })
    }

    fn cert(&self) -> String {
        STANDARD.encode(&self.pem)
    }

    fn key(&self) -> String {
        STANDARD.encode(self.key.serialize_pem())
    }
}

fn params(usages: &[KeyUsagePurpose], common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.key_usages = usages.to_vec();
    params.not_before = date_time_ymd(2026, 11, 1);
    params.not_after = date_time_ymd(2036, 11, 1);
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params
}
