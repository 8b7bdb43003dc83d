//! Azure: rules of a network security group as Azure Resource Manager takes them. Judged by what its vendor publishes of the API, not by the cloud.

use std::io;

use serde_json::{Value, json};

use super::dialect::{Dialect, DialectRequest, WriteError};
use super::model::Protocol;
use super::openings::{inbound, load_balancer_remark, member, nothing, port_text, pretty, texts};

/// The list `properties.securityRules`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Azure;

/// The first rule's; the others follow.
const PRIORITY: usize = 1000;

impl Dialect for Azure {
    fn name(&self) -> &'static str {
        "azure"
    }

    fn help(&self) -> &'static str {
        "rules of an Azure network security group as JSON of Resource Manager (not tried in the cloud)"
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
            .into_iter()
            .enumerate()
            .map(|(place, opening)| {
                let protocol = match opening.protocol {
                    Protocol::Udp => "Udp",
                    Protocol::Tcp => "Tcp",
                    Protocol::Icmp | Protocol::Icmpv6 => "Icmp",
                    Protocol::Esp => "Esp",
                };
                json!({
                    "name": format!("mesh-{}", opening.name()),
                    "properties": {
                        "description": opening.reason,
                        "priority": PRIORITY + place,
                        "direction": "Inbound",
                        "access": "Allow",
                        "protocol": protocol,
                        "sourceAddressPrefixes": texts(&opening.ranges),
                        "sourcePortRange": "*",
                        "destinationAddressPrefix": "*",
                        "destinationPortRange": port_text(opening.port, &json!("*")),
                    },
                })
            })
            .collect();
        Ok(out.write_all(pretty(&json!(rules))?.as_bytes())?)
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        let openings = inbound(request.plan, member(request));
        let has_icmpv6 = openings.iter().any(|one| one.protocol == Protocol::Icmpv6);
        let icmpv6 = has_icmpv6.then(|| {
            "note: Azure has one word for ICMP; whether a rule with IPv6 ranges lets ICMPv6 in was not tried".to_owned()
        });
        icmpv6
            .into_iter()
            .chain(load_balancer_remark(request))
            .collect()
    }
}
