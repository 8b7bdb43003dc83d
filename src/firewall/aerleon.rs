//! aerleon: definitions and a policy in one file, from which aclgen writes the dialects of many vendors.

use std::io;

use serde_json::{Map, Value, json};

use super::dialect::{Dialect, DialectRequest, WriteError};
use super::groups::GroupRule;
use super::model::Protocol;
use super::openings::{host_remark, nothing, texts};
use crate::yaml;

/// A file for the folder of definitions and for that of policies: aclgen takes from it what it needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aerleon;

const HEAD: &str = "# meshgen: Cluster Mesh traffic, for aerleon. Put this file into the folders def/ and pol/, then:
#   aclgen --base_directory . --definitions_directory def --output_directory out
# `targets` names the dialects; the names of zones, chains and filters are yours.
";

impl Dialect for Aerleon {
    fn name(&self) -> &'static str {
        "aerleon"
    }

    fn help(&self) -> &'static str {
        "definitions and a policy for aerleon, which writes the dialects of many vendors"
    }

    fn is_of_one_cluster(&self) -> bool {
        false
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        let groups = request.groups();
        let (mut networks, mut services) = (Map::new(), Map::new());
        for (name, group) in &groups.groups {
            let values: Vec<Value> = texts(&group.cidrs)
                .into_iter()
                .map(|address| json!({"address": address}))
                .collect();
            networks.insert(token(name), json!({"values": values}));
        }
        let is_empty = |name: &str| groups.groups[name].cidrs.is_empty();
        networks.retain(|_, network| network["values"] != json!([]));
        let rules = groups.rules.iter();
        let rules = rules.filter(|rule| !is_empty(&rule.from) && !is_empty(&rule.to));
        let mut terms = Vec::new();
        for (number, rule) in rules.enumerate() {
            if let Some((name, service)) = service(rule) {
                services.insert(name, service);
            }
            terms.push(term(number + 1, rule));
        }
        if terms.is_empty() {
            return Err(nothing(self.name(), request));
        }
        let targets = json!({
            "cisco": "cluster-mesh mixed",
            "juniper": "cluster-mesh mixed",
            "paloalto": "from-zone any to-zone any mixed",
        });
        let header = json!({"comment": "Cluster Mesh", "targets": targets});
        let file = json!({
            "networks": networks,
            "services": services,
            "filters": [{"header": header, "terms": terms}],
        });
        out.write_all(HEAD.as_bytes())?;
        Ok(out.write_all(yaml::write_at(&file, 0).as_bytes())?)
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        let groups = request.groups();
        let hosts = groups.groups.values().flat_map(|group| &group.hosts);
        hosts.map(|host| host_remark(host)).collect()
    }
}

/// A name as aerleon's definitions have it.
fn token(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

fn service(rule: &GroupRule) -> Option<(String, Value)> {
    let port = rule.port?;
    let name = token(&format!("{}-{port}", rule.protocol));
    Some((name, json!([{"protocol": rule.protocol, "port": port}])))
}

fn term(number: usize, rule: &GroupRule) -> Value {
    let port = rule.port.map(|port| format!("-{port}")).unwrap_or_default();
    let mut term = json!({
        "name": format!("{}{port}-{number}", rule.protocol),
        "comment": rule.reason,
        "source-address": token(&rule.from),
        "destination-address": token(&rule.to),
        "protocol": rule.protocol,
        "action": "accept",
    });
    if let Some((name, _)) = service(rule) {
        term["destination-port"] = json!(name);
    }
    if matches!(rule.protocol, Protocol::Icmp | Protocol::Icmpv6) {
        term["icmp-type"] = json!("echo-request");
    }
    term
}
