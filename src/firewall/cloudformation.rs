//! AWS CloudFormation: a template with a managed prefix list of the peers' ranges for each family, and rules that refer to it.

use std::io;

use serde_json::{Map, Value, json};

use super::cidr::Family;
use super::dialect::{Dialect, DialectRequest, WriteError};
use super::model::Protocol;
use super::openings::{
    Opening, family, inbound, load_balancer_remark, member, nothing, number, peer_nodes, pretty,
    texts,
};
use super::quota::Quota;

/// The template for the security group of a cluster's nodes, which is its parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CloudFormation;

/// The longest template that is taken without a bucket ("CloudFormation quotas").
const LONGEST_BODY: usize = 51_200;

impl Dialect for CloudFormation {
    fn name(&self) -> &'static str {
        "cloudformation"
    }

    fn help(&self) -> &'static str {
        "CloudFormation template for an AWS security group with managed prefix lists"
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        Ok(out.write_all(self.text(request)?.as_bytes())?)
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        let quota = Quota::of("aws").and_then(|quota| quota.warning(request));
        let length = self.text(request).map_or(0, |text| text.len());
        let long = (length > LONGEST_BODY).then(|| {
            format!("note: {length} bytes; over {LONGEST_BODY} `aws cloudformation deploy` needs --s3-bucket")
        });
        let all = quota.into_iter().chain(long);
        all.chain(load_balancer_remark(request)).collect()
    }
}

impl CloudFormation {
    fn text(self, request: &DialectRequest<'_>) -> Result<String, WriteError> {
        let openings = inbound(request.plan, member(request));
        if openings.is_empty() {
            return Err(nothing(self.name(), request));
        }
        let mut resources = Map::new();
        for one in Family::ALL {
            if openings.iter().any(|opening| opening.family == one) {
                resources.insert(list_name(one), prefix_list(request, one));
            }
        }
        let rules = openings.iter();
        resources.extend(rules.map(|opening| (rule_name(opening), rule(opening))));
        let group = json!({
            "Type": "AWS::EC2::SecurityGroup::Id",
            "Description": "The security group of the nodes",
        });
        Ok(pretty(&json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": format!("Cluster Mesh traffic of {}", request.cluster_name()),
            "Parameters": {"SecurityGroupId": group},
            "Resources": resources,
        }))?)
    }
}

fn prefix_list(request: &DialectRequest<'_>, one: Family) -> Value {
    let ranges = texts(&peer_nodes(request.plan, member(request), one));
    let entries: Vec<Value> = ranges.iter().map(|cidr| json!({"Cidr": cidr})).collect();
    let address_family = match one {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    };
    json!({
        "Type": "AWS::EC2::PrefixList",
        "Properties": {
            "PrefixListName": format!("cluster-mesh-peers-{}", family(one)),
            "AddressFamily": address_family,
            "MaxEntries": entries.len(),
            "Entries": entries,
        },
    })
}

fn rule(opening: &Opening) -> Value {
    let list = list_name(opening.family);
    let mut properties = json!({
        "GroupId": {"Ref": "SecurityGroupId"},
        "SourcePrefixListId": {"Fn::GetAtt": [list, "PrefixListId"]},
        "IpProtocol": match opening.protocol {
            Protocol::Esp => number(Protocol::Esp).to_owned(),
            named => named.to_string(),
        },
        "Description": opening.reason,
    });
    if let Some((from, to)) = ports(opening) {
        properties["FromPort"] = json!(from);
        properties["ToPort"] = json!(to);
    }
    json!({"Type": "AWS::EC2::SecurityGroupIngress", "Properties": properties})
}

/// The port; of ICMP type and code of an echo request. (cfn-lint refuses -1, any code, of ICMPv6.)
fn ports(opening: &Opening) -> Option<(u16, u16)> {
    match opening.protocol {
        Protocol::Icmp => Some((8, 0)),
        Protocol::Icmpv6 => Some((128, 0)),
        _ => opening.port.map(|port| (port, port)),
    }
}

/// A logical ID: letters and digits alone.
fn list_name(one: Family) -> String {
    logical_id(&format!("peers-{}", family(one)))
}

fn rule_name(opening: &Opening) -> String {
    logical_id(&opening.name())
}

fn logical_id(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_uppercase())
    });
    words.collect()
}
