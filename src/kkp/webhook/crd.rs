//! The part of the ApplicationInstallation CRD that decides: which fields of `spec` exist, their kinds, which are
//! required, and the one default.
//!
//! Source: `pkg/crd/k8c.io/apps.kubermatic.k8c.io_applicationinstallations.yaml` in kubermatic/kubermatic, with
//! Kubernetes' rules for structural schemas (unknown fields are pruned, a null is dropped where null is not allowed,
//! then defaults apply).

use serde_json::{Map, Value};

use super::reason::Reason;

/// What the CRD says about `spec`.
#[derive(Debug)]
pub struct CrdSchema {
    fields: &'static [CrdField],
}

#[derive(Clone, Copy, Debug)]
struct CrdField {
    name: &'static str,
    kind: CrdFieldKind,
    required: bool,
    default: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
enum CrdFieldKind {
    Text,
    Flag,
    /// A map whose keys the CRD does not list and keeps.
    Open,
    /// A map of which only these keys are kept.
    Map(&'static [CrdField]),
}

impl CrdFieldKind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Flag => "true or false",
            Self::Open | Self::Map(_) => "a map",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Flag => value.is_boolean(),
            Self::Open | Self::Map(_) => value.is_object(),
        }
    }
}

const fn field(name: &'static str, kind: CrdFieldKind) -> CrdField {
    CrdField {
        name,
        kind,
        required: false,
        default: None,
    }
}

impl CrdField {
    const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    const fn or(self, default: bool) -> Self {
        Self {
            default: Some(default),
            ..self
        }
    }
}

const APPLICATION_REF: CrdField = field(
    "applicationRef",
    CrdFieldKind::Map(&[
        field("name", CrdFieldKind::Text).required(),
        field("version", CrdFieldKind::Text).required(),
    ]),
)
.required();

const DEPLOY_OPTIONS: CrdField = field(
    "deployOptions",
    CrdFieldKind::Map(&[field(
        "helm",
        CrdFieldKind::Map(&[
            field("atomic", CrdFieldKind::Flag),
            field("enableDNS", CrdFieldKind::Flag),
            field("timeout", CrdFieldKind::Text),
            field("wait", CrdFieldKind::Flag),
        ]),
    )]),
);

const NAMESPACE: CrdField = field(
    "namespace",
    CrdFieldKind::Map(&[
        field("annotations", CrdFieldKind::Open),
        field("create", CrdFieldKind::Flag).required().or(true),
        field("labels", CrdFieldKind::Open),
        field("name", CrdFieldKind::Text).required(),
    ]),
);

const INTERVAL: CrdField = field("reconciliationInterval", CrdFieldKind::Text);
const VALUES: CrdField = field("values", CrdFieldKind::Open);
const VALUES_BLOCK: CrdField = field("valuesBlock", CrdFieldKind::Text);

/// 2.22.0 to 2.24: no `valuesBlock`.
pub(super) static WITHOUT_BLOCK: CrdSchema = CrdSchema {
    fields: &[
        APPLICATION_REF,
        DEPLOY_OPTIONS,
        NAMESPACE.required(),
        INTERVAL,
        VALUES,
    ],
};

/// 2.25.0 to 2.26.
pub(super) static WITH_BLOCK: CrdSchema = CrdSchema {
    fields: &[
        APPLICATION_REF,
        DEPLOY_OPTIONS,
        NAMESPACE.required(),
        INTERVAL,
        VALUES,
        VALUES_BLOCK,
    ],
};

/// From 2.27.0: `namespace` may be left out.
pub(super) static WITH_OPTIONAL_NAMESPACE: CrdSchema = CrdSchema {
    fields: &[
        APPLICATION_REF,
        DEPLOY_OPTIONS,
        NAMESPACE,
        INTERVAL,
        VALUES,
        VALUES_BLOCK,
    ],
};

impl CrdSchema {
    /// Whether `spec.<name>` is kept.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }
}

/// An object after the API server has read it.
pub(super) struct Settled {
    pub(super) object: Value,
    /// Paths that were dropped, sorted; nulls do not count.
    pub(super) pruned: Vec<String>,
    pub(super) faults: Vec<Reason>,
}

/// Prunes `spec`, applies its defaults and checks its kinds.
pub(super) fn settle(schema: &CrdSchema, object: &Value) -> Settled {
    let mut settled = Settled {
        object: object.clone(),
        pruned: Vec::new(),
        faults: Vec::new(),
    };
    match settled.object.get_mut("spec").map(Value::take) {
        Some(Value::Object(mut spec)) => {
            settled.map(schema.fields, &mut spec, "spec");
            settled.object["spec"] = Value::Object(spec);
        }
        _ => settled.faults.push(Reason::WrongKind {
            path: "spec".to_owned(),
            wanted: "a map",
        }),
    }
    settled.pruned.sort();
    settled
}

impl Settled {
    fn map(&mut self, fields: &[CrdField], map: &mut Map<String, Value>, path: &str) {
        map.retain(|key, _| {
            let known = fields.iter().any(|field| field.name == key);
            if !known {
                self.pruned.push(format!("{path}.{key}"));
            }
            known
        });
        for field in fields {
            let path = format!("{path}.{}", field.name);
            if map.get(field.name).is_none_or(Value::is_null) {
                map.remove(field.name);
                if let Some(default) = field.default {
                    map.insert(field.name.to_owned(), default.into());
                }
            }
            match map.get_mut(field.name) {
                Some(value) => self.value(field.kind, value, &path),
                None if field.required => self.faults.push(Reason::Required { path }),
                None => {}
            }
        }
    }

    fn value(&mut self, kind: CrdFieldKind, value: &mut Value, path: &str) {
        let fits = kind.fits(value);
        match (kind, value) {
            (CrdFieldKind::Map(fields), Value::Object(map)) => self.map(fields, map, path),
            (CrdFieldKind::Text | CrdFieldKind::Flag, Value::Object(map)) => {
                self.map(&[], map, path)
            }
            _ => {}
        }
        if !fits {
            self.faults.push(Reason::WrongKind {
                path: path.to_owned(),
                wanted: kind.name(),
            });
        }
    }
}
