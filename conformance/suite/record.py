"""conformance/judged.json: what was judged, by what, and how it was found. README.md describes the format."""

import datetime
import json

from suite import cases, helm

FILE = cases.HERE / "judged.json"


def case_id(case, phase):
    return f"{case.id}/{phase}"


def load():
    return json.loads(FILE.read_text()) if FILE.exists() else {"version": 1, "cases": {}}


def save(judged):
    """`judged` maps case ids to {mesh, phase, digest, charts, verdict}."""
    versions = sorted({version for entry in judged.values() for version in entry["charts"]}, key=cases.number)
    record = {
        "version": 1,
        "recordedOn": datetime.date.today().isoformat(),
        "judges": {"helm": helm.version(), "charts": {version: helm.archive_digest(version) for version in versions}},
        "cases": judged,
    }
    FILE.write_text(json.dumps(record, indent=1) + "\n")


def entry(case, phase, digest, faults):
    return {
        "mesh": f"conformance/{case.mesh_file(phase).relative_to(cases.HERE)}",
        "phase": phase,
        "digest": digest,
        "charts": sorted({cluster.cilium for cluster in case.clusters}, key=cases.number),
        "verdict": "refused" if faults else "accepted",
    }


def summary():
    """The recorded matrix as Markdown: per version and trust mode, how many cases were accepted."""
    found = load()
    rows, columns = {}, []
    for name, one in found["cases"].items():
        version, trust = name.split("/")[0].split("-")[:2]
        if version == "mixed":
            version, trust = "mixed versions", name.split("/")[0].split("-")[-1]
        columns += [trust] if trust not in columns else []
        rows.setdefault(version, {}).setdefault(trust, []).append(one["verdict"] == "accepted")
    cells = {row: [cell(modes.get(column, [])) for column in columns] for row, modes in rows.items()}
    lines = [["Cilium", *columns], ["---"] * (len(columns) + 1), *([row, *cells[row]] for row in cells)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"Judged on {found['recordedOn']} by Helm {found['judges']['helm']}: accepted of judged cases.\n\n{table}"


def cell(accepted):
    return f"{sum(accepted)} of {len(accepted)}" if accepted else "–"
