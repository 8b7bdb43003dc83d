//! All kinds of faults, gathered from the stages and the rules that declare them.

use crate::code::Code;

/// Every code, sorted by name.
pub fn catalogue() -> Vec<&'static Code> {
    let stages = [
        crate::input::codes::CODES,
        crate::resolve::codes::CODES,
        crate::compile::codes::CODES,
        crate::ignore::codes::CODES,
    ];
    let mut codes: Vec<&Code> = stages.into_iter().flatten().copied().collect();
    codes.extend(crate::rules::RULES.iter().map(|rule| rule.code));
    codes.sort_by_key(|code| code.name);
    // A stage and a rule may find the same fault.
    codes.dedup_by_key(|code| code.name);
    codes
}

/// The code of a name.
pub(crate) fn named(name: &str) -> Option<&'static Code> {
    catalogue().into_iter().find(|code| code.name == name)
}
