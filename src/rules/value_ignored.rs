//! A chart that takes no notice of a value that the patch keeps.

use super::kept_values;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::profile::kept_values::ValueEffect;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "value-ignored", Warning,
        what: "The current values of a cluster hold a key that the chart of its Cilium version takes no notice of.",
        why: "Charts read only the keys that they know, and say nothing about others. A key that was renamed or removed silently gives way to the default: `tunnel: geneve` to VXLAN from 1.15.0 on, strict encryption to none from 1.20.0 on. Where an upgrade is announced the finding comes before it.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    kept_values::find(context, &RULE, ValueEffect::Ignored, out);
}
