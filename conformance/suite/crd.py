"""KKP's CRD of ApplicationInstallations: the real one of a release where ../shared has it, else a stand-in with the fields that decide."""

import os
from pathlib import Path

from suite import cases, goyaml, kkp

RESOURCE = "applicationinstallations.apps.kubermatic.k8c.io"


def real(release):
    """KKP's own file, if this machine has it."""
    roots = [Path(os.environ["MESHGEN_SHARED"])] if "MESHGEN_SHARED" in os.environ else []
    for root in (*roots, cases.HERE.parent.parent / "shared"):
        path = root / "data" / "crds" / f"applicationinstallations-{release}.yaml"
        if path.exists():
            return path
    return None


def definition(release):
    """The CRD of a release, as data."""
    path = real(release)
    return goyaml.load_yaml(path.read_text()) if path else stand_in(release)


def stand_in(release):
    """What a patch can stumble over: a block that is pruned up to KKP 2.24, values of any shape, conditions as a map, a status of its own."""
    string, integer, boolean = ({"type": kind} for kind in ("string", "integer", "boolean"))
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    spec = {
        "applicationRef": mapping({"name": string, "version": string}, required=["name", "version"]),
        "namespace": mapping({"name": string, "create": boolean, "labels": anything, "annotations": anything}, required=["name"]),
        "reconciliationInterval": string,
        "deployOptions": anything,
        "values": anything,
    }
    if kkp.knows_block(release):
        spec["valuesBlock"] = string
    condition = mapping({
        "status": string, "reason": string, "message": string, "observedGeneration": integer,
        "lastHeartbeatTime": {"type": "string", "format": "date-time"},
        "lastTransitionTime": {"type": "string", "format": "date-time"},
    }, required=["status"])
    status = mapping({
        "method": string, "failures": integer, "applicationVersion": anything, "helmRelease": anything,
        "conditions": {"type": "object", "additionalProperties": condition},
    })
    schema = mapping({"apiVersion": string, "kind": string, "metadata": {"type": "object"},
                      "spec": mapping(spec, required=["applicationRef"]), "status": status})
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": RESOURCE},
        "spec": {
            "group": "apps.kubermatic.k8c.io",
            "names": {"kind": "ApplicationInstallation", "listKind": "ApplicationInstallationList",
                      "plural": "applicationinstallations", "singular": "applicationinstallation"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema},
                          "subresources": {"status": {}}}],
        },
    }


def mapping(properties, required=()):
    out = {"type": "object", "properties": properties}
    return out | {"required": list(required)} if required else out
