use super::*;
use serde_json::json;

/// An ApplicationInstallation as KKP keeps it, with these values in `spec.values`.
fn object(values: Value) -> Value {
    json!({
        "metadata": {
            "name": "cilium",
            "labels": {"apps.kubermatic.k8c.io/managed-by": "kkp", "apps.kubermatic.k8c.io/type": "cni"},
        },
        "spec": {
            "applicationRef": {"name": "cilium", "version": "1.18.10"},
            "namespace": {"name": "kube-system", "create": false},
            "values": values,
        },
    })
}

fn values() -> Value {
    json!({
        "cni": {"exclusive": false},
        "ipam": {"operator": {"clusterPoolIPv4PodCIDRList": ["172.25.0.0/16"]}},
        "kubeProxyReplacement": "true",
        "operator": {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}},
    })
}

/// The values with one top-level key replaced.
fn with(key: &str, value: Value) -> Value {
    let mut values = values();
    values[key] = value;
    values
}

fn ask(kkp: crate::kkp::KkpVersion, old: &Value, new: &Value) -> Verdict {
    let read_block = |text: &str| serde_json::from_str(text).ok();
    predict(
        admission(kkp),
        old,
        new,
        &Known {
            read_block: &read_block,
            version_listed: None,
        },
    )
}

fn ask_values(kkp: crate::kkp::KkpVersion, old: Value, new: Value) -> Verdict {
    ask(kkp, &object(old), &object(new))
}

#[test]
fn the_row_is_the_highest_border_below() {
    for (kkp, since) in [
        ((2, 21, 9), (2, 22, 0)),
        ((2, 23, 14), (2, 22, 0)),
        ((2, 24, 0), (2, 24, 0)),
        ((2, 25, 8), (2, 25, 0)),
        ((2, 25, 9), (2, 25, 9)),
        ((2, 25, 18), (2, 25, 9)),
        ((2, 26, 13), (2, 26, 0)),
        ((2, 27, 0), (2, 27, 0)),
        ((3, 0, 0), (2, 27, 0)),
    ] {
        assert_eq!(admission(kkp).since, since, "{kkp:?}");
    }
}

#[test]
fn only_from_2_25_does_the_crd_know_the_block() {
    assert!(!admission((2, 24, 15)).knows_values_block());
    assert!(admission((2, 25, 0)).knows_values_block());
}

#[test]
fn mesh_keys_are_not_checked() {
    let new = with("clustermesh", json!({"useAPIServer": true}));
    for kkp in [
        (2, 22, 0),
        (2, 24, 0),
        (2, 25, 0),
        (2, 25, 9),
        (2, 26, 0),
        (2, 27, 0),
    ] {
        assert_eq!(
            ask_values(kkp, values(), new.clone()),
            Verdict::Accepted { pruned: vec![] },
            "{kkp:?}"
        );
    }
}

#[test]
fn a_block_is_dropped_in_silence_where_the_crd_does_not_know_it() {
    let mut new = object(values());
    new["spec"]["valuesBlock"] = json!("cluster: {}");
    let pruned = vec!["spec.valuesBlock".to_owned()];
    assert_eq!(
        ask((2, 24, 15), &object(values()), &new),
        Verdict::Accepted { pruned }
    );
}

#[test]
fn both_fields_set_is_said_once_and_nothing_is_read() {
    let mut new = object(values());
    new["spec"]["valuesBlock"] = json!(values().to_string());
    let Verdict::Refused(reasons) = ask((2, 27, 0), &object(values()), &new) else {
        panic!("accepted");
    };
    let both = Reason::BothSet { side: Side::New };
    assert_eq!(reasons.iter().filter(|reason| **reason == both).count(), 1);
    assert!(reasons.contains(&Reason::MandatoryMissing {
        key: "kubeProxyReplacement"
    }));
}

#[test]
fn the_printed_form_forgives_a_quoted_number() {
    let old = with("ipv6", json!({"mask": 24}));
    let new = with("ipv6", json!({"mask": "24"}));
    assert!(ask_values((2, 24, 0), old.clone(), new.clone()).is_accepted());
    let changed = Reason::ProtectedChanged {
        key: "ipv6".to_owned(),
    };
    assert_eq!(
        ask_values((2, 22, 0), old, new),
        Verdict::Refused(vec![changed])
    );
}

/// A dead end of KKP ≥2.27: a null that is already there refuses even an update that changes nothing.
#[test]
fn a_null_under_a_protected_key_locks_the_object() {
    let locked = with("ipv6", Value::Null);
    let removed = Reason::ProtectedRemoved {
        key: "ipv6".to_owned(),
    };
    assert_eq!(
        ask_values((2, 27, 0), locked.clone(), locked.clone()),
        Verdict::Refused(vec![removed])
    );
    assert!(ask_values((2, 26, 0), locked.clone(), locked).is_accepted());
}

#[test]
fn an_unlisted_version_matters_unless_the_object_is_being_deleted() {
    let read_block = |_: &str| None;
    let known = Known {
        read_block: &read_block,
        version_listed: Some(false),
    };
    let mut object = object(values());
    let verdict = predict(admission((2, 30, 5)), &object, &object, &known);
    assert_eq!(verdict, Verdict::Refused(vec![Reason::VersionNotListed]));
    object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    assert!(predict(admission((2, 30, 5)), &object, &object, &known).is_accepted());
}

#[test]
fn an_absent_namespace_is_a_schema_error_first_and_a_server_error_later() {
    let old = object(values());
    let mut new = old.clone();
    new["spec"]["namespace"] = Value::Null;
    let required = Reason::Required {
        path: "spec.namespace".to_owned(),
    };
    assert_eq!(
        ask((2, 26, 0), &old, &new),
        Verdict::Refused(vec![required])
    );
    assert_eq!(
        ask((2, 27, 0), &old, &new),
        Verdict::Refused(vec![Reason::NamespaceAbsent])
    );
}

#[test]
fn a_text_that_is_no_duration_ends_the_judgement() {
    let old = object(values());
    let mut new = object(json!({}));
    new["spec"]["reconciliationInterval"] = json!("soon");
    let path = "spec.reconciliationInterval";
    assert_eq!(
        ask((2, 27, 0), &old, &new),
        Verdict::Refused(vec![Reason::NotADuration { path }])
    );
}

#[test]
fn no_sentence_holds_a_value() {
    let secret = "c2VjcmV0";
    let mut new =
        object(json!({"cni": secret, "operator": [secret], "ipam": {"operator": secret}}));
    new["spec"]["valuesBlock"] = json!(secret);
    new["spec"]["namespace"] = json!({"name": secret, "create": true});
    new["metadata"]["labels"]["apps.kubermatic.k8c.io/managed-by"] = json!(secret);
    new["spec"]["deployOptions"] = json!({"helm": {"timeout": "1h"}});
    for kkp in [(2, 22, 0), (2, 25, 0), (2, 25, 9), (2, 27, 0)] {
        let Verdict::Refused(reasons) = ask(kkp, &object(values()), &new) else {
            panic!("accepted");
        };
        assert!(reasons.len() > 3, "{reasons:?}");
        assert!(
            !reasons
                .iter()
                .any(|reason| reason.to_string().contains(secret)),
            "{reasons:?}"
        );
    }
}
