//! The functions that every template has. KKP adds none.

use std::cmp::Ordering;

use super::data::{AbstractValue, Item, SampleCluster, Sure};
use super::paths::Paths;
use super::{Analysis, Stop, html};

const COUNT: Stop = Stop::Fails("a function in a template has too few or too many arguments");
const KIND: Stop = Stop::Fails("a function in a template has an argument of the wrong type");
const COMPARES: Stop = Stop::Fails("a template compares what cannot be compared");
const RANGE: Stop = Stop::Fails("a template reads beyond the end of a text");
const DEPENDS: Stop =
    Stop::Undecided("a template reads a part of a text whose length is not known");

/// `items` has as many values as the function takes.
pub(super) fn call(
    paths: &mut Paths,
    cluster: SampleCluster,
    name: &str,
    items: &[Item],
) -> Analysis<Item> {
    match name {
        "not" => Ok(Item::sure(AbstractValue::Bool(!paths.truth(&items[0])))),
        "len" => len(&items[0]),
        "index" => index(paths, cluster, items),
        "slice" => slice(items),
        "eq" => equals_any(paths, items).map(bool_item),
        "ne" => equals_any(paths, items).map(|equal| bool_item(!equal)),
        "lt" | "le" | "gt" | "ge" => ordered(paths, name, items).map(bool_item),
        _ => text(cluster, name, items),
    }
}

fn bool_item(value: bool) -> Item {
    Item::sure(AbstractValue::Bool(value))
}

/// A value whose truth was asked for: what was decided holds for whoever asks again.
pub(super) fn decided(item: Item, truth: bool) -> Item {
    match (&item.value, truth) {
        (AbstractValue::Str(_), false) => Item::text(String::new(), true),
        (_, true) if item.sure == Sure::No => Item {
            sure: Sure::NotEmpty,
            ..item
        },
        _ => item,
    }
}

fn len(item: &Item) -> Analysis<Item> {
    match &item.value {
        AbstractValue::Str(text) => Ok(Item {
            value: AbstractValue::Int(i64::try_from(text.len()).unwrap_or(i64::MAX)),
            sure: item.sure,
        }),
        AbstractValue::Map(_) => Ok(Item {
            value: AbstractValue::Int(1),
            sure: Sure::No,
        }),
        _ => Err(KIND),
    }
}

fn index(paths: &mut Paths, cluster: SampleCluster, items: &[Item]) -> Analysis<Item> {
    let (item, keys) = items.split_first().ok_or(COUNT)?;
    if item.value == AbstractValue::Missing {
        return Err(KIND);
    }
    let mut item = item.clone();
    for key in keys {
        item = match (&item.value, &key.value) {
            (AbstractValue::Map(map), AbstractValue::Str(_)) => match paths.either() {
                true => cluster.entry(*map),
                false => Item::text(String::new(), true),
            },
            (AbstractValue::Str(_), AbstractValue::Int(_))
                if !(item.is_sure() && key.is_sure()) =>
            {
                return Err(DEPENDS);
            }
            (AbstractValue::Str(text), AbstractValue::Int(at)) => {
                let byte = usize::try_from(*at)
                    .ok()
                    .and_then(|at| text.as_bytes().get(at));
                Item::sure(AbstractValue::Int(i64::from(*byte.ok_or(RANGE)?)))
            }
            _ => return Err(KIND),
        };
    }
    Ok(item)
}

fn slice(items: &[Item]) -> Analysis<Item> {
    let (item, bounds) = items.split_first().ok_or(COUNT)?;
    let AbstractValue::Str(text) = &item.value else {
        return Err(KIND);
    };
    if bounds.len() > 2
        || !bounds
            .iter()
            .all(|bound| matches!(bound.value, AbstractValue::Int(_)))
    {
        return Err(KIND);
    }
    if bounds.is_empty() {
        return Ok(item.clone());
    }
    if !items.iter().all(Item::is_sure) {
        return Err(DEPENDS);
    }
    let bound = |at: usize, otherwise: usize| match bounds.get(at).map(|bound| &bound.value) {
        Some(AbstractValue::Int(value)) => usize::try_from(*value).map_err(|_| RANGE),
        _ => Ok(otherwise),
    };
    let (from, to) = (bound(0, 0)?, bound(1, text.len())?);
    if from > to || to > text.len() {
        return Err(RANGE);
    }
    let part = text.get(from..to);
    let part = part.ok_or(Stop::Undecided("a template cuts a character in two"))?;
    Ok(Item::text(part.to_owned(), true))
}

#[derive(PartialEq, Clone, Copy)]
enum ValueKind {
    Nothing,
    Bool,
    Int,
    Float,
    Str,
    Other,
}

fn kind(item: &Item) -> ValueKind {
    match item.value {
        AbstractValue::Missing => ValueKind::Nothing,
        AbstractValue::Bool(_) => ValueKind::Bool,
        AbstractValue::Int(_) => ValueKind::Int,
        AbstractValue::Float(_) => ValueKind::Float,
        AbstractValue::Str(_) => ValueKind::Str,
        AbstractValue::Map(_) | AbstractValue::Fields(_) => ValueKind::Other,
    }
}

/// Whether the first one equals any of the others.
fn equals_any(paths: &mut Paths, items: &[Item]) -> Analysis<bool> {
    let (first, others) = items.split_first().ok_or(COUNT)?;
    for other in others {
        let kinds = (kind(first), kind(other));
        let equal = match kinds {
            (ValueKind::Other, ValueKind::Other) => {
                return Err(Stop::Undecided("a template compares whole objects"));
            }
            (left, right) if left == right => match first.is_sure() && other.is_sure() {
                true => first.value == other.value,
                false => paths.either(),
            },
            (ValueKind::Nothing, _) | (_, ValueKind::Nothing) => false,
            _ => return Err(COMPARES),
        };
        if equal {
            return Ok(true);
        }
    }
    Ok(false)
}

fn ordered(paths: &mut Paths, name: &str, items: &[Item]) -> Analysis<bool> {
    let [left, right] = items else {
        return Err(COUNT);
    };
    let order = match (&left.value, &right.value) {
        (AbstractValue::Int(left), AbstractValue::Int(right)) => left.cmp(right),
        (AbstractValue::Float(left), AbstractValue::Float(right)) => left.total_cmp(right),
        (AbstractValue::Str(left), AbstractValue::Str(right)) => left.cmp(right),
        _ => return Err(COMPARES),
    };
    if !(left.is_sure() && right.is_sure()) {
        return Ok(paths.either());
    }
    Ok(match name {
        "lt" => order == Ordering::Less,
        "le" => order != Ordering::Greater,
        "gt" => order == Ordering::Greater,
        _ => order != Ordering::Less,
    })
}

/// The functions that make text.
fn text(cluster: SampleCluster, name: &str, items: &[Item]) -> Analysis<Item> {
    let sure = items.iter().all(Item::is_sure);
    let made = match name {
        "print" => printed(cluster, items, false),
        "println" => printed(cluster, items, true) + "\n",
        "printf" => formatted(cluster, items)?,
        "html" => html::escape(&printed(cluster, items, false)),
        "js" => in_script(&printed(cluster, items, false)),
        _ => in_query(&printed(cluster, items, false)),
    };
    Ok(Item::text(made, sure))
}

/// A space stands between two arguments that are no text, or between all.
fn printed(cluster: SampleCluster, items: &[Item], all: bool) -> String {
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        let is_text = |item: &Item| kind(item) == ValueKind::Str;
        if at > 0 && (all || !is_text(item) && !is_text(&items[at - 1])) {
            out.push(' ');
        }
        out.push_str(&cluster.printed(&item.value));
    }
    out
}

/// Which verb it is matters little: all of them print the argument, some in quotes.
fn formatted(cluster: SampleCluster, items: &[Item]) -> Analysis<String> {
    let (format, arguments) = items.split_first().ok_or(COUNT)?;
    let AbstractValue::Str(format) = &format.value else {
        return Err(KIND);
    };
    let mut arguments = arguments.iter();
    let mut out = String::new();
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        while rest
            .next_if(|c| c.is_ascii_digit() || "+-# .[]".contains(*c))
            .is_some()
        {}
        match rest.next() {
            Some('%') => out.push('%'),
            None => out.push_str("%!(NOVERB)"),
            Some(_) => match arguments.next() {
                Some(item) => out.push_str(&cluster.printed(&item.value)),
                None => out.push_str("%!(MISSING)"),
            },
        }
    }
    for extra in arguments {
        out.push_str(&format!("%!(EXTRA {})", cluster.printed(&extra.value)));
    }
    Ok(out)
}

fn in_script(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '\'' | '"' | '\\' => format!("\\{c}"),
        '<' | '>' | '&' | '=' => format!("\\u{:04X}", u32::from(c)),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    });
    escaped.collect()
}

fn in_query(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b' ' => "+".to_owned(),
        b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    escaped.collect()
}
