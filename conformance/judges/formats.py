"""What other programs read: JSON Schemas, SARIF, CSV and the first line of the example files, each by a reader that is not ours."""

import csv
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from suite import cache, cases, lsp, outputs
from suite.report import Verdict, skipped

ROOT = cases.HERE.parent
FINDS = """
apiVersion: meshgen/v1
mesh: production
clusters:
  - {name: a, id: 1, kkp: "2.31.0", cilium: 1.19.4, podCIDRs: [10.0.0.0/16], serviceCIDRs: [10.240.16.0/20]}
  - {name: b, id: 1, kkp: "2.31.0", cilium: 1.19.4, podCIDRs: [10.0.0.0/17], serviceCIDRs: [10.240.16.0/20], colour: red}
"""


def run(options):
    yield from schemas()
    yield from findings()
    yield from csv_of_rules()
    yield from editors()


def schemas():
    mesh_schema = ROOT / "schemas" / "mesh.schema.json"
    if not mesh_schema.exists():
        yield skipped("mesh schema", "no schemas/mesh.schema.json")
        return
    yield Verdict.of("schemas are schemas", against("--check-metaschema", sorted((ROOT / "schemas").glob("*.json"))))
    meshes = [*sorted(cases.CASES.glob("*/*.yaml"), key=str), *sorted(ROOT.glob("fixtures/**/mesh.yaml"))]
    meshes = [path for path in meshes if is_sound_mesh(path)]
    yield Verdict.of(f"{len(meshes)} meshes against their schema", against(["--schemafile", mesh_schema], meshes))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mesh.yaml"
        path.write_text(FINDS)
        yield Verdict.of("an unknown key against the schema", [] if against(["--schemafile", mesh_schema], [path]) else ["accepted"])


def is_sound_mesh(path):
    """Fixtures that are wrong on purpose are no examples."""
    if path.parent.parent == cases.CASES:
        return path.parent.name not in ("pki", "objects")
    ran = subprocess.run([str(outputs.meshgen_binary()), "validate", str(path)], capture_output=True, check=False)
    return ran.returncode == 0


def against(check, files):
    """What check-jsonschema says about the files."""
    words = [check] if isinstance(check, str) else [str(word) for word in check]
    command = [sys.executable, "-m", "check_jsonschema", "--regex-variant", "python", *words, *map(str, files)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line.strip() for line in (ran.stdout + ran.stderr).splitlines() if line.strip()] if ran.returncode else []


def findings():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "mesh.yaml").write_text(FINDS)
        for name, schema in (("json", json_schema()), ("sarif", cache.sarif_schema())):
            ran = subprocess.run([str(outputs.meshgen_binary()), "validate", "--format", name, "mesh.yaml"], cwd=folder,
                                 capture_output=True, text=True, check=False)
            path = folder / f"findings.{name}.json"
            path.write_text(ran.stdout)
            if ran.returncode != 1:
                yield Verdict.of(f"findings as {name}", [f"exit {ran.returncode}: {ran.stderr.strip()[:200]}"])
            elif schema is None:
                yield skipped(f"findings as {name}", "no schema of the findings in schemas/")
            else:
                yield Verdict.of(f"findings as {name}", against(["--schemafile", schema], [path]))


def json_schema():
    return next(iter(sorted((ROOT / "schemas").glob("*finding*.json"))), None)


def csv_of_rules():
    for name in ("firewall-vxlan", "firewall-geneve-ipsec"):
        texts = {}
        for form in ("json", "csv"):
            ran = subprocess.run([str(outputs.meshgen_binary()), "firewall", "--format", form, str(cases.CASES / name / "mesh.yaml")],
                                 capture_output=True, text=True, check=False)
            texts[form] = ran.stdout
        yield Verdict.of(f"{name}: rules as CSV", csv_faults(texts["csv"], json.loads(texts["json"])))


def csv_faults(text, rules):
    """The same rules, row by row, to a strict reader."""
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (csv.Error, ValueError) as error:
        return [f"no CSV: {error}"]
    keys = list(rules[0])
    if header != keys:
        return [f"the header is {header}, the rules have {keys}"]
    if len(rows) != len(rules):
        return [f"{len(rows)} rows for {len(rules)} rules"]
    faults = []
    for number, (row, rule) in enumerate(zip(rows, rules), 2):
        wanted = [" ".join(value) if isinstance(value, list) else "" if value is None else str(value) for value in rule.values()]
        if row != wanted:
            faults.append(f"line {number} is {row}, the rule is {wanted}")
    return faults


def editors():
    """The schema named on a file's first line is what an editor goes by."""
    named = [path for path in sorted(ROOT.glob("fixtures/**/*.yaml")) if path.read_bytes().startswith(b"# yaml-language-server: $schema=")]
    if not named:
        yield skipped("yaml-language-server", "no example file names its schema")
        return
    try:
        for path, messages in lsp.diagnostics([path for path in named if is_sound_mesh(path)]).items():
            yield Verdict.of(f"yaml-language-server on {path.relative_to(ROOT)}", messages)
    except cache.Unavailable as why:
        yield skipped("yaml-language-server", why)

