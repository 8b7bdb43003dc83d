//! The names that every template knows. KKP adds none.

use std::ops::RangeInclusive;

/// Name, and how many arguments it takes at least and at most.
const FUNCTIONS: [(&str, usize, usize); 18] = [
    ("and", 1, usize::MAX),
    ("or", 1, usize::MAX),
    ("not", 1, 1),
    ("len", 1, 1),
    ("index", 1, usize::MAX),
    ("slice", 1, usize::MAX),
    ("print", 0, usize::MAX),
    ("println", 0, usize::MAX),
    ("printf", 1, usize::MAX),
    ("html", 0, usize::MAX),
    ("js", 0, usize::MAX),
    ("urlquery", 0, usize::MAX),
    ("eq", 2, usize::MAX),
    ("ne", 2, 2),
    ("lt", 2, 2),
    ("le", 2, 2),
    ("gt", 2, 2),
    ("ge", 2, 2),
];

/// A function that is called by a value; no value of KKP's data is one.
pub(super) const CALL: &str = "call";

pub(super) fn is_function(name: &str) -> bool {
    name == CALL || arity(name).is_some()
}

/// How many arguments a function takes.
pub(super) fn arity(name: &str) -> Option<RangeInclusive<usize>> {
    let mut functions = FUNCTIONS.iter();
    let (_, least, most) = functions.find(|(known, ..)| *known == name)?;
    Some(*least..=*most)
}
