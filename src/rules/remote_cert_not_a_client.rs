//! A remote certificate is that of a client.

use super::remote_cert;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::pki::{KeyKind, Refusal, RemoteFault};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "remote-cert-not-a-client", Error,
        what: "A cluster's remote certificate cannot be used by a TLS client.",
        why: "It is a CA's certificate, or one for servers only, such as `clustermesh-apiserver-server-cert`, or one that Go, and so every etcd, refuses from a client: for a critical extension that it does not know, a policy that it demands, a name that its CA does not allow, a CA between the two that may not sign it, an RSA key above 8192 bits or a key on P-224. What is wanted is `tls.crt` of the Secret `clustermesh-apiserver-remote-cert`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for (cluster, fault) in remote_cert::faults(context) {
        let Some(why) = why(fault) else { continue };
        let message = format!(
            "the remote certificate of {} cannot be used by a client: {why}",
            cluster.name()
        );
        let place = remote_cert::cert_place(cluster);
        out.push(remote_cert::finding(
            context, &RULE, cluster, place, message,
        ));
    }
}

/// `None` for what other rules tell.
fn why(fault: &RemoteFault) -> Option<String> {
    match fault {
        RemoteFault::IsCa => Some(
            "it is a CA's; Go would take it, Cilium gives clients none that may sign others"
                .to_owned(),
        ),
        RemoteFault::NotClientUsage => {
            Some("its extended key usages, or those of a CA above it, leave clients out".to_owned())
        }
        RemoteFault::UnusableKey(KeyKind::Rsa { bits }) => Some(format!(
            "an RSA key in it has {bits} bits, and Go's TLS takes at most 8192"
        )),
        RemoteFault::UnusableKey(kind) => {
            Some(format!("Go's TLS has no use for its kind of key ({kind})"))
        }
        RemoteFault::Refused(refusal) => refused(refusal),
        _ => None,
    }
}

fn refused(refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::CriticalExtension(oid) => Some(format!(
            "Go does not know its critical extension {oid}, and so refuses it"
        )),
        Refusal::Policy => Some(
            "it, or a CA above it, demands a certificate policy that it does not have".to_owned(),
        ),
        Refusal::Name(name) => Some(format!(
            "a CA above it does not allow {} (name constraints)",
            shown(name)
        )),
        Refusal::Above(why) => Some(format!("a certificate above it {why}")),
        Refusal::NoSigner | Refusal::WeakHash(_) | Refusal::CannotTell | Refusal::Usage => None,
    }
}

/// A name out of the certificate, where it can be shown.
fn shown(name: &str) -> String {
    let is_plain = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain {
        format!("its name `{name}`")
    } else {
        "one of its names".to_owned()
    }
}
