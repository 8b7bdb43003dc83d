//! The fields of one cluster that both mesh.yaml and its dumps may tell: the two must agree.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::IpAddr;

use super::Reading;
use super::exchanged::Difference;
use crate::finding::Finding;
use crate::model::{DumpedNode, Fact};
use crate::source::Place;

/// Reads the fields of one cluster, typed and dumped.
pub(super) struct FieldReader<'r, 'a> {
    pub(super) reading: &'r mut Reading<'a>,
    pub(super) index: usize,
    pub(super) name: &'r str,
    pub(super) unusable: &'r mut BTreeSet<&'static str>,
}

impl FieldReader<'_, '_> {
    pub(super) fn place(&self, path: &str) -> Place {
        self.reading.input.field(self.index, path)
    }

    pub(super) fn push(&mut self, finding: Finding) {
        let finding = finding.cluster(self.name);
        self.reading.findings.push(finding);
    }

    pub(super) fn ranges(
        &mut self,
        fact: &'static str,
        typed: Option<&[String]>,
        dumped: &mut Vec<Fact<ipnet::IpNet>>,
    ) -> Vec<Fact<ipnet::IpNet>> {
        let Some(written) = typed else {
            return std::mem::take(dumped);
        };
        let place = self.place(fact);
        let usable = self.reading.cidrs(written, &place);
        self.one_of_both(fact, place, written.len(), usable, dumped)
    }

    pub(super) fn nodes(
        &mut self,
        typed: Option<&[String]>,
        dumped: &[DumpedNode],
    ) -> Vec<Fact<IpAddr>> {
        let addresses = dumped.iter().flat_map(|node| node.addresses.clone());
        let dumped: Vec<Fact<IpAddr>> = addresses.collect();
        let Some(written) = typed else {
            return dumped;
        };
        let place = self.place("nodes");
        let usable = self.reading.addresses(written, &place);
        self.one_of_both("nodes", place, written.len(), usable, &dumped)
    }

    /// The typed values, unless some were unusable or the dump says otherwise.
    fn one_of_both<T: Ord + Display + Clone>(
        &mut self,
        fact: &'static str,
        place: Place,
        written: usize,
        usable: Vec<Fact<T>>,
        dumped: &[Fact<T>],
    ) -> Vec<Fact<T>> {
        if usable.len() < written {
            self.unusable.insert(fact);
            return usable;
        }
        if self.disagree(fact, fact, place, &usable, dumped) {
            return Vec::new();
        }
        usable
    }

    /// Whether the typed list of a key and the dumped values differ as sets; says so.
    pub(super) fn disagree<T: Ord + Display>(
        &mut self,
        fact: &'static str,
        key: &str,
        place: Place,
        typed: &[Fact<T>],
        dumped: &[Fact<T>],
    ) -> bool {
        let set = |facts: &[Fact<T>]| {
            facts
                .iter()
                .map(|fact| fact.value.to_string())
                .collect::<BTreeSet<_>>()
        };
        let (said, seen) = (set(typed), set(dumped));
        if seen.is_empty() || said.is_empty() || said == seen {
            return false;
        }
        let (ours, theirs) = (joined(&said), joined(&seen));
        let finding = disagreement(key, place, &ours, dumped[0].place.clone(), &theirs).help(format!(
            "write `{key}: [{theirs}]`, leave it out to use the dumped value, or dump again if that is old"
        ));
        self.push_difference(fact, said, seen, finding);
        self.unusable.insert(fact);
        true
    }

    /// Notes a finding with the two lists of which it says that they differ.
    pub(super) fn push_difference(
        &mut self,
        key: &'static str,
        typed: BTreeSet<String>,
        dumped: BTreeSet<String>,
        finding: Finding,
    ) {
        self.reading.differences.push(Difference {
            cluster: self.index,
            key,
            typed,
            dumped,
            finding: self.reading.findings.len(),
        });
        self.push(finding);
    }

    pub(super) fn agreed_text(
        &mut self,
        fact: &'static str,
        typed: Option<&String>,
        dumped: Option<Fact<String>>,
    ) -> Option<Fact<String>> {
        let Some(typed) = typed else { return dumped };
        let typed = Fact::new(typed.clone(), self.place(fact));
        if let Some(dumped) = dumped
            && dumped.value != typed.value
        {
            let finding =
                disagreement(fact, typed.place, &typed.value, dumped.place, &dumped.value);
            self.push(finding);
            self.unusable.insert(fact);
            return None;
        }
        Some(typed)
    }
}

fn joined(set: &BTreeSet<String>) -> String {
    set.iter().cloned().collect::<Vec<_>>().join(", ")
}

pub(super) fn disagreement(
    fact: &str,
    typed: Place,
    said: &str,
    dumped: Place,
    seen: &str,
) -> Finding {
    super::codes::INPUT_DISAGREES
        .finding(
            typed,
            format!("mesh.yaml says that {fact} is {said}, the dump says {seen}"),
        )
        .label(format!("{said} here"))
        .related(dumped, format!("{seen} here"))
        .help(format!(
            "write {seen}, leave {fact} out to use the dumped value, or dump again if that is old"
        ))
}
