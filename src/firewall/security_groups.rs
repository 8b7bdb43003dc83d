//! OpenStack and AWS: variables for the Terraform modules `fixtures/terraform-openstack` and `fixtures/terraform-aws`.
//!
//! Both name the peers' ranges once, as an address group or a prefix list, and one rule for each protocol and port refers to it.

use std::io;

use serde_json::{Map, Value, json};

use super::cidr::Family;
use super::dialect::{Dialect, DialectRequest, WriteError};
use super::openings::{family, inbound, load_balancer_remark, member, peer_nodes, pretty, texts};
use super::quota::Quota;

/// A cloud whose module takes the variables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecurityGroup {
    name: &'static str,
    help: &'static str,
}

/// Neutron's security groups and address groups.
pub(crate) static OPENSTACK: SecurityGroup = SecurityGroup {
    name: "openstack",
    help: "Terraform variables for an OpenStack security group with address groups",
};

/// Security groups and managed prefix lists.
pub(crate) static AWS: SecurityGroup = SecurityGroup {
    name: "aws",
    help: "Terraform variables for an AWS security group with managed prefix lists",
};

impl Dialect for SecurityGroup {
    fn name(&self) -> &'static str {
        self.name
    }

    fn help(&self) -> &'static str {
        self.help
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        Ok(out.write_all(pretty(&json!(variables(request)))?.as_bytes())?)
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        let quota = Quota::of(self.name).and_then(|quota| quota.warning(request));
        quota
            .into_iter()
            .chain(load_balancer_remark(request))
            .collect()
    }
}

/// The variables of both modules.
pub(super) fn variables(request: &DialectRequest<'_>) -> Map<String, Value> {
    let own = member(request);
    let mut peers = Map::new();
    for one in Family::ALL {
        let ranges = texts(&peer_nodes(request.plan, own, one));
        peers.insert(family(one).to_owned(), json!(ranges));
    }
    let openings = inbound(request.plan, own).into_iter();
    let ingress: Map<String, Value> = openings
        .map(|opening| {
            let rule = json!({
                "family": family(opening.family),
                "protocol": opening.protocol,
                "port": opening.port,
                "description": opening.reason,
            });
            (opening.name(), rule)
        })
        .collect();
    Map::from_iter([
        ("cluster_mesh_peers".to_owned(), json!(peers)),
        ("cluster_mesh_ingress".to_owned(), json!(ingress)),
    ])
}
