//! Only `validate` looks at the clock, and only it speaks of dates.

use std::path::Path;

use crate::common::{meshgen, run};

const CODES: [&str; 4] = [
    "ca-expired",
    "remote-cert-expired",
    "cert-expiring",
    "ca-ends-before-leaves",
];

fn mesh(code: &str) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let file = fixtures.join(code).join("bad/mesh.yaml");
    file.to_string_lossy().into_owned()
}

#[test]
fn render_says_nothing_about_dates() {
    for code in CODES {
        let file = mesh(code);
        // Both far before and far after the lifetime of every certificate.
        for now in [
            "1990-01-01T00:00:00Z",
            "2026-11-23T00:00:00Z",
            "2190-01-01T00:00:00Z",
        ] {
            let found = run(meshgen().args(["validate", &file, "--now", now])).stdout;
            let dated = CODES
                .iter()
                .any(|code| found.contains(&format!("[{code}]")));
            assert!(dated, "{code} {now}: {found}");
        }
        let rendered = run(meshgen().args(["render", &file, "--phase", "mesh"]));
        for code in CODES {
            let said = format!("{}{}", rendered.stdout, rendered.stderr);
            assert!(!said.contains(&format!("[{code}]")), "{said}");
        }
    }
}
