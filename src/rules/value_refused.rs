//! A chart that refuses a value that the patch keeps.

use super::kept_values;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::profile::kept_values::ValueEffect;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "value-refused", Error,
        what: "The current values of a cluster hold a key, or a value, that the chart of its Cilium version refuses, or refuses together with Cluster Mesh.",
        why: "A patch keeps whatever meshgen does not own. Helm renders the chart with all of it, and the chart stops at this key: nothing of the upgrade happens, neither the patch nor the new version. Most such keys were renamed or removed, and older charts took them; some hold a text where the schema of charts from 1.16.0 on asks for a number or a boolean. They are in the program as data, row by row from the released charts 1.13.0 to 1.20.0.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    kept_values::find(context, &RULE, ValueEffect::Refused, out);
}
