//! Hetzner Cloud: the file of `hcloud firewall replace-rules --rules-file`. Judged by what its vendor publishes of the API, not by the cloud.

use std::io;

use serde_json::{Value, json};

use super::dialect::{Dialect, DialectRequest, WriteError};
use super::model::Protocol;
use super::openings::{inbound, load_balancer_remark, member, nothing, port_text, pretty, texts};

/// A list of rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hetzner;

/// A rule takes so many ranges.
const LONGEST_LIST: usize = 100;
/// A firewall takes so many rules ("set rules" of the Hetzner Cloud API).
const MOST_RULES: usize = 50;

impl Dialect for Hetzner {
    fn name(&self) -> &'static str {
        "hetzner"
    }

    fn help(&self) -> &'static str {
        "rules of a Hetzner Cloud firewall: hcloud firewall replace-rules --rules-file (not tried in the cloud)"
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        let openings = inbound(request.plan, member(request));
        if openings.is_empty() {
            return Err(nothing(self.name(), request));
        }
        let rules: Vec<Value> = openings
            .iter()
            .flat_map(|opening| {
                // One word for ICMP of both families.
                let protocol = match opening.protocol {
                    Protocol::Icmpv6 => Protocol::Icmp,
                    other => other,
                };
                opening.ranges.chunks(LONGEST_LIST).map(move |ranges| {
                    json!({
                        "description": opening.reason,
                        "direction": "in",
                        "protocol": protocol,
                        "port": port_text(opening.port, &Value::Null),
                        "source_ips": texts(ranges),
                        "destination_ips": [],
                    })
                })
            })
            .collect();
        Ok(out.write_all(pretty(&json!(rules))?.as_bytes())?)
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        let openings = inbound(request.plan, member(request));
        let pieces = openings
            .iter()
            .map(|one| one.ranges.len().div_ceil(LONGEST_LIST));
        let needed: usize = pieces.sum();
        let many = (needed > MOST_RULES).then(|| {
            format!(
                "warning[capacity]: the nodes of {} need {needed} rules of up to {LONGEST_LIST} ranges, and a firewall takes {MOST_RULES}; spread them over several firewalls, or give fewer and wider `nodeCIDRs`",
                request.cluster_name()
            )
        });
        let replaces = "note: `replace-rules` removes every other rule of the firewall: give these a firewall of their own, beside yours; a server that had none lets in only these once they are applied";
        many.into_iter()
            .chain(Some(replaces.to_owned()))
            .chain(load_balancer_remark(request))
            .collect()
    }
}
