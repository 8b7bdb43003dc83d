//! How many rules a cloud takes, and how many a cluster needs.

use super::cidr::Family;
use super::dialect::DialectRequest;
use super::openings::{inbound, member};
use super::rules::Reachability;

/// A cloud with a quota that a mesh reaches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    /// KKP's name of the provider.
    pub provider: &'static str,
    /// How many rules, by default.
    pub rules: usize,
    /// In what.
    pub place: &'static str,
    /// Whether the two families have a quota each.
    pub by_family: bool,
    /// What to do.
    pub help: &'static str,
}

/// The defaults: "Amazon VPC quotas" of AWS's user guide; `quota_security_group_rule` of Neutron.
pub(crate) static QUOTAS: &[Quota] = &[
    Quota {
        provider: "aws",
        rules: 60,
        place: "a security group",
        by_family: true,
        help: "raise the quota \"Inbound or outbound rules per security group\", or give fewer and wider `nodeCIDRs`; a managed prefix list does not help, since each of its entries counts",
    },
    Quota {
        provider: "openstack",
        rules: 100,
        place: "a project",
        by_family: false,
        help: "use `meshgen firewall --format openstack` with address groups, as its module does unless told otherwise: they count as one range each; or raise `quota_security_group_rule`",
    },
];

impl Quota {
    /// The quota of a provider.
    pub(crate) fn of(provider: &str) -> Option<&'static Self> {
        QUOTAS.iter().find(|quota| quota.provider == provider)
    }

    /// What is needed for the nodes of a member, each range and port being a rule, where that is more than the quota.
    pub(crate) fn exceeded(&self, plan: &Reachability<'_>, member: usize) -> Option<usize> {
        let openings = inbound(plan, member);
        let of = |family: Family| {
            let same = openings.iter().filter(|opening| opening.family == family);
            same.map(|opening| opening.ranges.len()).sum::<usize>()
        };
        let [v4, v6] = Family::ALL.map(of);
        let needed = if self.by_family { v4.max(v6) } else { v4 + v6 };
        (needed > self.rules).then_some(needed)
    }

    /// The same as a remark beside a form.
    pub(crate) fn warning(&self, request: &DialectRequest<'_>) -> Option<String> {
        let needed = self.exceeded(request.plan, member(request))?;
        let said = self.sentence(request.cluster_name(), needed);
        Some(format!("warning[capacity]: {said}; {}", self.help))
    }

    /// The fault in words.
    pub(crate) fn sentence(&self, cluster: &str, needed: usize) -> String {
        format!(
            "the nodes of {cluster} need {needed} inbound rules, one for each range and port, and {} takes {} by default",
            self.place, self.rules
        )
    }
}
