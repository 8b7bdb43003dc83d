//! What a cluster that does not exist yet is born with: the value of KKP's annotation for initial CNI values.

use serde_json::{Value, json};

use super::{Form, FormFile, Whole};
use crate::compile::artifact::Content;
use crate::compile::compiled::Compiled;
use crate::compile::index::FileKind;
use crate::compile::patch::PatchError;
use crate::compile::peers::PeerEntries;
use crate::profile::Kkp;

/// Bytes that all annotations of a Kubernetes object may have together.
const ANNOTATIONS: usize = 256 * 1024;
/// Bytes kept free for the key of this annotation and for other annotations.
const OTHERS: usize = 8 * 1024;

pub(super) struct AsInitialValues;

impl Form for AsInitialValues {
    fn name(&self) -> &'static str {
        "initial-values"
    }

    fn help(&self) -> &'static str {
        "The value of KKP's annotation for a cluster that does not exist yet, with --cluster"
    }

    fn kind(&self) -> FileKind {
        FileKind::InitialValues
    }

    fn file(&self, compiled: &Compiled<'_, '_>, _: &PeerEntries) -> Result<FormFile, PatchError> {
        let target = compiled.cluster.cluster;
        let cluster = target.name().to_owned();
        if target.current.is_some() {
            return Err(PatchError::Born {
                cluster,
                file: format!("in {}", target.dump_folder),
            });
        }
        let values = values(compiled.cluster.kkp, &Whole::new(compiled)?.additions());
        let text = format!("{values}\n");
        let room = ANNOTATIONS - OTHERS;
        if text.len() > room {
            let bytes = text.len();
            return Err(PatchError::TooLarge {
                cluster,
                bytes,
                room,
            });
        }
        Ok(FormFile {
            extension: "json",
            patch_type: None,
            secret: compiled.may_hold_keys(),
            content: Content::Text(text),
        })
    }
}

/// The annotation takes the place of the defaults in KKP's ApplicationDefinition, so they are repeated. KKP merges what
/// it enforces over them.
fn values(kkp: &Kkp, mesh: &Value) -> Value {
    let mut values = json!({
        "hubble": {
            "relay": {"enabled": true},
            "tls": {"auto": {"method": "cronJob"}},
            "ui": {"enabled": true},
        },
        "operator": {"replicas": 1},
    });
    if kkp.envoy_off {
        values["envoy"] = json!({"enabled": false});
    }
    json_patch::merge(&mut values, mesh);
    values
}
