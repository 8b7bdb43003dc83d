//! The lists of deny.toml, checked by Cargo alone: cargo-deny says more, where it is installed.

use std::process::Command;

use crate::common::root;
use serde_json::Value;

/// Everything that is built on this machine, with its licence and its source. Asks no network.
fn packages() -> Vec<Value> {
    let host = cargo(&["-vV"]);
    let host = host.lines().find_map(|line| line.strip_prefix("host: "));
    let metadata = cargo(&[
        "metadata",
        "--format-version=1",
        "--offline",
        "--locked",
        "--filter-platform",
        host.expect("cargo says what it runs on"),
    ]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .current_dir(root())
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The quoted words on the lines of deny.toml that begin so.
fn listed(beginning: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let lines = text
        .lines()
        .filter(|line| line.trim_start().starts_with(beginning));
    let words = lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned));
    words.collect()
}

#[test]
fn every_licence_is_an_allowed_one() {
    let allowed = listed("allow =");
    assert!(allowed.len() > 5, "deny.toml was not read");
    let strangers: Vec<String> = packages()
        .iter()
        .map(|package| (package, package["license"].as_str().unwrap_or_default()))
        .filter(|(_, licence)| !is_allowed(licence, &allowed))
        .map(|(package, licence)| format!("{}: `{licence}`", package["name"]))
        .collect();
    assert!(strangers.is_empty(), "not in deny.toml: {strangers:?}");
}

#[test]
fn licences_are_read_as_spdx_means_them() {
    let allowed = ["MIT".to_owned(), "ISC".to_owned()];
    for (licence, is_fine) in [
        ("MIT", true),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND ISC", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("(MIT OR GPL-3.0) AND GPL-3.0", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(licence, &allowed), is_fine, "{licence}");
    }
}

/// An SPDX expression: `AND` binds closer than `OR`, brackets bind closest; `/` is an old way to write `OR`.
fn is_allowed(licence: &str, allowed: &[String]) -> bool {
    let spaced = licence
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    any_of(&mut words, allowed)
}

type Words<'a, 'b> = &'b mut std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: Words<'_, '_>, allowed: &[String]) -> bool {
    let mut is_fine = all_of(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        is_fine |= all_of(words, allowed);
    }
    is_fine
}

fn all_of(words: Words<'_, '_>, allowed: &[String]) -> bool {
    let mut is_fine = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        is_fine &= one(words, allowed);
    }
    is_fine
}

fn one(words: Words<'_, '_>, allowed: &[String]) -> bool {
    let Some(word) = words.next() else {
        return false;
    };
    if word == "(" {
        let is_fine = any_of(words, allowed);
        return words.next() == Some(")") && is_fine;
    }
    // An exception only permits more than its licence does.
    if words.next_if_eq(&"WITH").is_some() {
        words.next();
    }
    allowed.iter().any(|licence| licence == word)
}

#[test]
fn every_package_comes_from_the_one_registry() {
    for package in packages() {
        let source = package["source"].as_str();
        let is_own = package["name"] == env!("CARGO_PKG_NAME");
        let is_known = source == Some("registry+https://github.com/rust-lang/crates.io-index");
        assert!(
            is_own && source.is_none() || is_known,
            "{}: {source:?}",
            package["name"]
        );
    }
}

#[test]
fn no_banned_package_is_locked_and_no_version_is_open() {
    let banned = listed("{ crate =");
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = "));
    for name in names {
        let name = name.trim_matches('"');
        // The first word of each entry is the crate, the second the reason.
        assert!(
            !banned.iter().step_by(2).any(|ban| ban == name),
            "{name} is banned"
        );
    }
    let packages = packages();
    let own = packages
        .iter()
        .find(|package| package["name"] == env!("CARGO_PKG_NAME"));
    for dependency in own.unwrap()["dependencies"].as_array().unwrap() {
        assert_ne!(dependency["req"], "*", "{}", dependency["name"]);
    }
}
