//! Names of services and namespaces are DNS labels.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::source::quoted;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "service-name-invalid", Error,
        what: "A global service has a name or a namespace that the API server refuses.",
        why: "A name is 1 to 63 of a-z, 0-9 and hyphen, its last a letter or digit. A service's begins with a letter; a namespace's may begin with a digit.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for service in &context.mesh.services {
        let begins = service
            .name
            .starts_with(|first: char| first.is_ascii_lowercase());
        // An absent name is another finding.
        let names = [
            (
                "name",
                &service.name,
                service.name.is_empty() || begins && is_label(&service.name),
            ),
            (
                "namespace",
                &service.namespace,
                is_label(&service.namespace),
            ),
        ];
        for (key, name, _) in names.into_iter().filter(|(.., valid)| !valid) {
            out.push(
                RULE.finding(service.place.key(key), format!("{} cannot be the {key} of a service", quoted(name)))
                    .label("1 to 63 of a-z, 0-9 and hyphen")
                    .help("write small letters, digits and hyphens; the name of a service begins with a letter"),
            );
        }
    }
}

fn is_label(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&name.len())
        && name.chars().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}
