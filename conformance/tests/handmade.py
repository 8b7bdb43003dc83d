"""What a correct meshgen renders, written by hand from the facts about each chart: proves the judges without the program."""

import base64
import functools
import json
from pathlib import Path

import yaml

from suite import cases, goyaml, patches
from suite.outputs import Output


WAIT = """\
KUBECTL wait applicationinstallation/cilium --timeout=1m \
--for=jsonpath='{.status.conditions.Ready.observedGeneration}'="$(KUBECTL get applicationinstallation cilium -o jsonpath='{.metadata.generation}')" \
&& KUBECTL wait applicationinstallation/cilium --timeout=1m --for=jsonpath='{.status.conditions.Ready.status}'=True"""


@functools.lru_cache
def secret_data(path):
    return goyaml.load_yaml((cases.CASES / "pki" / path).read_text())["data"]


def outputs(case, phase):
    return {cluster.name: output(case, cluster, phase) for cluster in case.clusters}


def output(case, cluster, phase, before=None):
    version = cases.number(cluster.cilium)
    old = version < (1, 14)
    ca = secret_data(f"{case.mesh_ca.name}.ca.yaml")
    apiserver = {"tls": {"auto": {"method": "cronJob"}}, "service": dict(cluster.service)}
    values = {
        "cluster": {"name": cluster.name, "id": cluster.id},
        "clustermesh": {"useAPIServer": True, "config": {"enabled": True}, "apiserver": apiserver},
    }
    if case.auth_mode:
        apiserver["tls"]["authMode"] = case.auth_mode
    if case.kvstoremesh is not None:
        apiserver["kvstoremesh"] = {"enabled": case.kvstoremesh}
    if (1, 16) <= version < (1, 19):
        apiserver["updateStrategy"] = {"rollingUpdate": {"maxUnavailable": 1}}
    if cluster.address:
        place = apiserver["tls"]["auto"] if version >= (1, 20) else apiserver["tls"]
        place["server"] = {"extraDnsNames": [cluster.address]}
    if old and (phase != "bootstrap" or cluster != case.mesh_ca):
        apiserver["tls"]["ca"] = {"cert": ca["ca.crt"], "key": ca["ca.key"]}
    if case.trust == "sharedCA" and version >= (1, 19):
        apiserver["podLabels"] = {"meshgen/ca": "sha256-0123456789abcdef"}
    if cluster.born_with_ca:
        values["tls"] = {"ca": {"cert": ca["ca.crt"], "key": ca["ca.key"]}}
    if case.trust == "bundle":
        bundle = "".join(decoded(f"{one.name}.ca.yaml", "ca.crt") for one in case.clusters)
        values["tls"] = {"caBundle": {"enabled": True, "content": bundle}}
    if phase != "bootstrap":
        values["clustermesh"]["config"]["clusters"] = [entry(case, peer, old) for peer in case.peers(cluster, phase)]
    before = before or goyaml.load_yaml(cluster.object_path.read_text())
    merged = patches.merge(Output("", before, before).values, values)
    block = bool(before["spec"].get("valuesBlock"))
    spec = {"values": {}, "valuesBlock": yaml.safe_dump(merged)} if block else {"values": merged}
    after = {**before, "spec": {**before["spec"], **spec}}
    patch_type, patch = ("json", guarded(before, after)) if block else ("merge", {"metadata": uid(before), "spec": {"values": values}})
    secret = None
    if case.trust == "sharedCA" and not old and not cluster.born_with_ca and cluster != case.mesh_ca:
        secret = cases.secret("cilium-ca", {key: base64.b64decode(value) for key, value in ca.items()})
    return Output(phase, before, after, patch_type, patch, secret)


def uid(installation):
    return {"uid": installation["metadata"]["uid"]}


def guarded(before, after):
    return [
        {"op": "test", "path": "/metadata/uid", "value": before["metadata"]["uid"]},
        {"op": "test", "path": "/spec/valuesBlock", "value": before["spec"]["valuesBlock"]},
        {"op": "replace", "path": "/spec/valuesBlock", "value": after["spec"]["valuesBlock"]},
    ]


def entry(case, peer, old):
    out = {"name": peer.name, "address": peer.address or "", "port": peer.port, "ips": list(peer.ips)}
    if case.trust == "inline" or old:
        remote = secret_data(f"{peer.name}.remote-{'own' if case.trust == 'inline' else 'mesh'}.yaml")
        out["tls"] = {"cert": remote["tls.crt"], "key": remote["tls.key"]}
        if not old:
            out["tls"]["caCert"] = remote["ca.crt"]
    return out


def decoded(path, key):
    return base64.b64decode(secret_data(path)[key]).decode()


def render_mesh(case, phase, folder, dumped):
    """Stands in for `meshgen render -o`: the output folder that the contract describes, for one cluster per dump."""
    index = {"version": 1, "mesh": "conformance", "clusters": [], "files": []}
    steps_md = ""
    for cluster in case.clusters:
        before = goyaml.load_yaml(Path(dumped.get(cluster.name, cluster.object_path)).read_text())
        made = output(case, cluster, phase, before)
        place = Path("clusters") / cluster.name
        (folder / "out" / place).mkdir(parents=True)
        files, steps = [], []
        kubectl = f"kubectl --context {cluster.name} -n kube-system"
        if made.secret:
            path = place / "10-cilium-ca.secret.yaml"
            (folder / "out" / path).write_text(json.dumps(made.secret))
            files.append({"path": str(path), "kind": "secret", "patchType": None})
            steps.append({"action": "apply", "command": f"{kubectl} apply --server-side --force-conflicts -f {path}"})
        path = place / ("20-patch.json" if made.patch_type == "json" else "20-patch.yaml")
        (folder / "out" / path).write_text(json.dumps(made.patch))
        files.append({"path": str(path), "kind": "patch", "patchType": made.patch_type})
        steps.append({"action": "patch", "command":
                      f"{kubectl} patch applicationinstallation cilium --type {made.patch_type} --patch-file {path}"})
        steps.append({"action": "wait", "command": WAIT.replace("KUBECTL", kubectl)})
        index["clusters"].append({"name": cluster.name, "phase": phase, "files": files, "steps": steps})
        steps_md += "".join(f"    {step['command']}\n" for step in steps)
    (folder / "out" / "index.json").write_text(json.dumps(index))
    (folder / "out" / "STEPS.md").write_text(steps_md)
