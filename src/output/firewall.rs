//! The firewall's files.

use super::{Output, OutputError, Sink, mesh_wide};
use crate::compile::firewall as members;
use crate::compile::index::{FileKind, MeshWideFile};
use crate::firewall::dialect::DialectOptions;
use crate::firewall::groups::{Groups, Scope};
use crate::firewall::lines::Sides;
use crate::firewall::page::Firewall;
use crate::firewall::rules::Reachability as Rules;
use crate::firewall::{list, packet_filters};

/// Files that are made in one go.
enum FirewallPart<'n> {
    Json,
    Csv,
    Groups,
    /// Every dialect, for the cluster with this index and name.
    Dialects(usize, &'n str),
}

impl Output<'_, '_> {
    /// The rule lists, and the dialects where the sink takes them. What a dialect refuses is reported for all clusters at once.
    pub(super) fn firewall(&self, sink: &impl Sink) -> Result<Vec<MeshWideFile>, OutputError> {
        let mesh = self.plan.mesh;
        let members = members::members(mesh);
        let rules = Rules::new(&members, members::datapath(mesh));
        let sides = Sides::new(&rules);
        let mut parts = Vec::new();
        if self.options.pairs {
            parts.push(FirewallPart::Json);
        }
        if sink.takes_pages() {
            if self.options.pairs {
                parts.push(FirewallPart::Csv);
            }
            parts.push(FirewallPart::Groups);
            let asked = rules.names().enumerate();
            let asked = asked.filter(|(_, name)| !self.keeps(name));
            parts.extend(asked.map(|(member, name)| FirewallPart::Dialects(member, name)));
        }
        let made = sink.each(&parts, |part| match *part {
            FirewallPart::Json => mesh_wide(
                sink,
                "firewall/rules.json",
                FileKind::Rules,
                &mut |mut out| Ok(list::write_json(&rules, rules.permits(), &mut out)?),
            )
            .map(|file| vec![file]),
            FirewallPart::Csv => mesh_wide(
                sink,
                "firewall/rules.csv",
                FileKind::Rules,
                &mut |mut out| Ok(list::write_csv(&rules, rules.permits(), &mut out)?),
            )
            .map(|file| vec![file]),
            FirewallPart::Groups => {
                mesh_wide(sink, "firewall/groups.json", FileKind::Groups, &mut |out| {
                    Ok(Groups::new(&rules, Scope::Mesh).write_json(out)?)
                })
                .map(|file| vec![file])
            }
            FirewallPart::Dialects(member, name) => {
                self.dialects(&Firewall::of(&sides, member), name, sink)
            }
        });
        together(made)
    }

    /// The firewall of a cluster's nodes, in every dialect.
    fn dialects(
        &self,
        firewall: &Firewall<'_>,
        cluster: &str,
        sink: &impl Sink,
    ) -> Result<Vec<MeshWideFile>, OutputError> {
        let options = DialectOptions {
            drop: self.options.drop,
        };
        let made = packet_filters().map(|dialect| {
            let text = firewall.page(dialect, &options);
            let text = text.map_err(|error| OutputError::Dialects(vec![error]))?;
            let path = format!("firewall/{}", dialect.file_name(cluster));
            mesh_wide(sink, &path, FileKind::Dialect, &mut |out| {
                Ok(out.write_all(text.as_bytes())?)
            })
            .map(|file| vec![file])
        });
        together(made)
    }
}

/// All files, or everything that the dialects refuse, each refusal once.
fn together(
    made: impl IntoIterator<Item = Result<Vec<MeshWideFile>, OutputError>>,
) -> Result<Vec<MeshWideFile>, OutputError> {
    let mut files = Vec::new();
    let mut refused = Vec::new();
    for part in made {
        match part {
            Ok(part) => files.extend(part),
            Err(OutputError::Dialects(errors)) => {
                for error in errors {
                    if !refused.contains(&error) {
                        refused.push(error);
                    }
                }
            }
            Err(error) => return Err(error),
        }
    }
    if refused.is_empty() {
        Ok(files)
    } else {
        Err(OutputError::Dialects(refused))
    }
}

/// The cluster whose dialect's file this is; names hold no dot.
pub(super) fn cluster_of(file: &MeshWideFile) -> Option<&str> {
    let name = file.path.strip_prefix("firewall/")?;
    let (cluster, _) = name.rsplit_once('.')?;
    (file.kind == FileKind::Dialect).then_some(cluster)
}
