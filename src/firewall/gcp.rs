//! Google Cloud: firewall rules as the Compute API takes them. Judged by what its vendor publishes of the API, not by the cloud.

use std::io;

use serde_json::{Value, json};

use super::dialect::{Dialect, DialectRequest, WriteError};
use super::model::Protocol;
use super::openings::{
    Opening, inbound, load_balancer_remark, member, nothing, number, pretty, texts,
};

/// The body of `firewalls.insert`, one for each rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gcp;

/// A rule takes so many source ranges.
const LONGEST_LIST: usize = 256;

impl Dialect for Gcp {
    fn name(&self) -> &'static str {
        "gcp"
    }

    fn help(&self) -> &'static str {
        "Google Cloud firewall rules as JSON of the Compute API (not tried in the cloud)"
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        let name = request.cluster_name();
        let tag = format!("kubernetes-cluster-{}", id(request).unwrap_or("CLUSTER-ID"));
        let openings = inbound(request.plan, member(request));
        if openings.is_empty() {
            return Err(nothing(self.name(), request));
        }
        let rules: Vec<Value> = openings
            .iter()
            .flat_map(|opening| {
                let pieces = opening.ranges.chunks(LONGEST_LIST).enumerate();
                let tag = &tag;
                pieces.map(move |(number, ranges)| {
                    json!({
                        "name": format!("mesh-{name}-{}-{}", opening.name(), number + 1),
                        "description": opening.reason,
                        "direction": "INGRESS",
                        "sourceRanges": texts(ranges),
                        "targetTags": [tag],
                        "allowed": [allowed(opening)],
                    })
                })
            })
            .collect();
        Ok(out.write_all(pretty(&json!(rules))?.as_bytes())?)
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        let unknown = id(request).is_none().then(|| {
            "note: replace CLUSTER-ID, or say `kkpCluster` in mesh.yaml: KKP's tag for the nodes holds it".to_owned()
        });
        let network = "note: the rules name no `network`, so they belong to `default`: add the network of the cluster where that is another";
        unknown
            .into_iter()
            .chain(Some(network.to_owned()))
            .chain(load_balancer_remark(request))
            .collect()
    }
}

fn id<'p>(request: &DialectRequest<'p>) -> Option<&'p str> {
    request
        .plan
        .members
        .get(member(request))?
        .platform
        .id
        .as_deref()
}

fn allowed(opening: &Opening) -> Value {
    let protocol = match opening.protocol {
        Protocol::Icmpv6 => number(opening.protocol).to_owned(),
        other => other.to_string(),
    };
    match opening.port {
        Some(port) => json!({"IPProtocol": protocol, "ports": [port.to_string()]}),
        None => json!({"IPProtocol": protocol}),
    }
}
