//! The neutral lists: every pair of clusters as JSON and CSV, and groups.

use std::io;

use super::dialect::{Dialect, DialectRequest, WriteError};
use super::{list, security_groups};

/// `rules.json`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json;

impl Dialect for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn help(&self) -> &'static str {
        "every pair of clusters, as firewall/rules.json"
    }

    fn is_of_one_cluster(&self) -> bool {
        false
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        mut out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        Ok(list::write_json(request.plan, request.permits(), &mut out)?)
    }
}

/// `rules.csv`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Csv;

impl Dialect for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn help(&self) -> &'static str {
        "the same as a table"
    }

    fn is_of_one_cluster(&self) -> bool {
        false
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        mut out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        Ok(list::write_csv(request.plan, request.permits(), &mut out)?)
    }
}

/// `groups.json`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupsJson;

impl Dialect for GroupsJson {
    fn name(&self) -> &'static str {
        "groups"
    }

    fn help(&self) -> &'static str {
        "groups of addresses and the few rules between them, as firewall/groups.json"
    }

    fn is_of_one_cluster(&self) -> bool {
        false
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        Ok(request.groups().write_json(out)?)
    }
}

/// A variable file for Terraform; for one cluster it also has the variables of the modules for clouds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tfvars;

impl Dialect for Tfvars {
    fn name(&self) -> &'static str {
        "tfvars"
    }

    fn help(&self) -> &'static str {
        "a variable file for Terraform: firewall.auto.tfvars.json"
    }

    fn is_of_one_cluster(&self) -> bool {
        false
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        mut out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        let more = match request.cluster {
            Some(_) => security_groups::variables(request),
            None => serde_json::Map::new(),
        };
        Ok(list::write_tfvars(
            request.plan,
            request.permits(),
            &more,
            &mut out,
        )?)
    }
}
