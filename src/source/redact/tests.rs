use super::{KnownKeys, masked, redacted};
use crate::yaml::{self, ScalarRules};

const PEM: &str = include_str!("../../../fixtures/pki/ca-p256.key");

/// What is shown of a text, parsed where it can be.
fn shown(text: &str) -> String {
    let documents = yaml::parse(text, ScalarRules::Go).map_or_else(|_| Vec::new(), |s| s.documents);
    masked(text, &documents, &KnownKeys::default())
}

fn base64(text: &str) -> String {
    use ::base64::Engine;
    ::base64::engine::general_purpose::STANDARD.encode(text)
}

/// Whether any 16 characters of the key, in either form, are left.
fn leaks(shown: &str) -> bool {
    let body: String = PEM.lines().filter(|line| !line.starts_with('-')).collect();
    let encoded = base64(PEM);
    let windows = |key: &str| {
        let parts = key.as_bytes().windows(16);
        parts
            .into_iter()
            .any(|part| std::str::from_utf8(part).is_ok_and(|part| shown.contains(part)))
    };
    windows(&body) || windows(&encoded)
}

fn indented(text: &str, by: usize) -> String {
    text.lines()
        .map(|line| format!("{:by$}{line}\n", ""))
        .collect()
}

#[test]
fn a_sound_mesh_file_is_shown_as_it_is() {
    let text = "mesh: production\nca: {from: cluster-1, key: {file: keys/ca.key}}\nclusters:\n  - name: cluster-1\n    dumps: dumps/production/kubermatic/cluster1\n    podCIDRs: [172.25.0.0/16]\n    images: {apiserver: \"quay.io/cilium/clustermesh-apiserver:v1.18.10@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}\n    remoteCert:\n      cert:\n        file: keys/remote.crt\n      key: {env: REMOTE_KEY}\n    remoteCert: {cert: {file: a.crt}, key: {env: REMOTE_KEY}}\n    apiserver: {service: {loadBalancerSourceRanges: [10.0.0.0/8]}} # https://docs.example.com/kubermatic/tutorials/networking\n";
    assert_eq!(shown(text), text);
}

#[test]
fn lines_and_columns_stay() {
    let text = "ä: ü # kommentar\r\nca:\r\n\tkey: \"grün\", x\r\n";
    let masked = shown(text);
    let widths = |text: &str| {
        text.lines()
            .map(|line| line.chars().count())
            .collect::<Vec<_>>()
    };
    assert_eq!(widths(&masked), widths(text));
    assert_eq!(masked, "ä: ü # kommentar\r\nca:\r\n\tkey: *********\r\n");
}

#[test]
fn values_under_the_name_of_a_secret_are_masked() {
    insta::assert_snapshot!(shown(
        "ca:\n  cert: short\n  key: >-\n    folded\n    again\n  from: cluster-1\nx: {key: abc, cert: def}\n"
    ), @r"
    ca:
      cert: *****
      key: **
        ******
        *****
      from: cluster-1
    x: {key: ***************
    ");
}

#[test]
fn what_a_secret_holds_is_masked_but_not_its_names() {
    insta::assert_snapshot!(shown(
        "kind: Secret\ndata:\n  ca.crt: YWJj\n  file: YWJj\n  other: |\n    a: b\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"data\":{\"a\":\"YWJj\"}}\n  name: cilium-ca\n"
    ), @r"
    kind: Secret
    data:
      ca.crt: ****
      file: ****
      other: *
        ****
    metadata:
      annotations:
        kubectl.kubernetes.io/last-applied-configuration: *
          *********************
      name: cilium-ca
    ");
}

#[test]
fn braces_hold_secrets_as_lines_do() {
    let text = "data: {file: YWJj, b: {c: YWJj}}\nremoteCert: {cert: YWJj, key: {file: a.key}}\nx: {remoteCert: {cert: {file: a.crt}, key: YWJj}}\nca: {from: a, key:\n  YWJj}\n";
    assert_eq!(
        shown(text),
        shown(&format!("{text}'")).trim_end_matches('\'')
    );
    insta::assert_snapshot!(shown(text), @r"
    data: {file: *******************
    remoteCert: {cert: *************************
    x: {remoteCert: {cert: {file: a.crt}, key: ******
    ca: {from: a, key:
      *****
    ");
}

#[test]
fn json_is_masked_too() {
    let text = "{\n \"kind\": \"Secret\",\n \"data\": {\n  \"a\": \"YWJj\",\n  \"b\": \"YWJj\"\n },\n \"metadata\": {\"name\": \"x\"}\n}\n";
    for text in [
        text.to_owned(),
        text.replacen("\"Secret\",", "\"Secret\"", 1),
    ] {
        let shown = shown(&text);
        assert!(!shown.contains("YWJj"), "{shown}");
        assert!(shown.contains("\"name\": \"x\""), "{shown}");
    }
}

#[test]
fn a_key_is_masked_wherever_it_stands() {
    let one_line = base64(PEM);
    let folded = |width: usize| {
        let pieces = one_line.as_bytes().chunks(width);
        pieces
            .map(|piece| format!("    {}\n", std::str::from_utf8(piece).expect("ASCII")))
            .collect::<String>()
    };
    let escaped = PEM.replace('\n', "\\n");
    let texts = [
        format!("x: {one_line}\n"),
        format!("x: |\n{}y: 1\n", indented(PEM, 2)),
        format!("x: |\n{}", indented(&PEM.replace("-----BEGIN", "----"), 2)),
        format!("x: >\n{}y: 1\n", folded(20)),
        format!("x: >\n{}y: 1\n", folded(9)),
        format!("x: \"\n{}\"\n", folded(14)),
        format!("spec:\n  valuesBlock: |\n    tls:\n      ca:\n        blob: {one_line}\n"),
        format!("spec: {{\"valuesBlock\": \"tls:\\n  blob: {one_line}\\n\"}}\n"),
        format!("{{\"x\": \"{escaped}\"}}\n"),
        format!("- \"{escaped}\n"),
        format!("{one_line}: 1\n"),
        format!("# {one_line}\n"),
        format!("x: [1, {one_line}\n"),
        format!("x:\r  {one_line}\ry: 1\n"),
        format!("a: &a {one_line}\nb: *a\n"),
        one_line.clone(),
    ];
    for text in texts {
        let shown = shown(&text);
        assert!(!leaks(&shown), "{shown}");
        assert_eq!(shown.chars().count(), text.chars().count());
    }
}

#[test]
fn a_key_that_something_was_typed_into_is_masked() {
    let key = base64(PEM);
    for stray in ["\"", "'", ": ", " #", "{", " ", ",", "ä", "-", "\\"] {
        for at in (1..key.len()).step_by(7) {
            let text = format!("x: {}{stray}{}\ny: 1\n", &key[..at], &key[at..]);
            let shown = shown(&text);
            assert!(!leaks(&shown), "{stray:?} at {at}: {shown}");
        }
    }
}

#[test]
fn sentences_lose_key_material_and_nothing_else() {
    let body = PEM.lines().nth(1).expect("a line");
    assert_eq!(
        redacted(&format!("unknown key `{body}`")),
        "unknown key `<hidden>`"
    );
    assert_eq!(
        redacted(&format!("`{}` is no name", &body[..24])),
        "`<hidden>` is no name"
    );
    assert_eq!(redacted(&format!("x {PEM} y")), "x <hidden>\n y");
    for plain in [
        "begin with `-----BEGIN CERTIFICATE-----`",
        "run: kubectl --context cluster-1 -n kube-system get secret clustermesh-apiserver-remote-cert -o yaml",
        "clusters[0].apiserver.service.loadBalancerSourceRanges[1]",
        "kubectl get applicationinstallations.apps.kubermatic.k8c.io -o jsonpath='{.status.conditions.Ready.status}'",
        "the name `abcdefghijklmnopqrstuvwxyzabcdefghijklmnop` is too long",
        "/tmp/.tmpAb3XyZ/lonely.yaml /tmp/tmpAb3XyZ9/clusters/production/kubermatic/mesh.yaml",
        "2026-11-23T00:00:00Z fd00:10:244::/56 1.18.10 clustermesh.apiserver.kvstoremesh.enabled",
    ] {
        assert_eq!(redacted(plain), plain);
    }
}

#[test]
fn no_key_of_the_mesh_file_is_taken_for_a_secret() {
    fn visit(schema: &serde_json::Value) {
        for (key, value) in schema.as_object().into_iter().flatten() {
            assert_eq!(redacted(key), key.as_str());
            visit(value);
        }
    }
    visit(&crate::input::mesh_file::schema());
}
