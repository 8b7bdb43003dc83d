"""The real charts judge the values: does every cluster start, and does every peer's certificate and address hold?

Each case is put to Helm as KKP would, on two histories: a cluster that never was in a mesh, and one that was bootstrapped
under its own CA. What Helm renders is then followed like the pods follow it, down to the bytes of the mounted files.
"""

import base64
import binascii
import functools
import json

import yaml

from suite import helm, outputs, parallel, pki, record
from suite.cases import SHIPPED, number, refused_cases
from suite.cluster import Broken, Cluster, flags_of, pod
from suite.patches import merge
from suite.held import held
from suite.report import OK, Verdict, skipped

CLUSTERMESH = "/var/lib/cilium/clustermesh"
LOCAL = "https://clustermesh-apiserver.kube-system.svc:2379"


def run(options):
    absent = [version for version in SHIPPED if not helm.archive(version).exists()]
    for version in absent:
        yield skipped("charts", f"no {helm.archive(version).name} in {helm.charts_folder().name}/ (MESHGEN_CHARTS names the folder)")
    chosen = [one for one in outputs.chosen(options) if not any(cluster.cilium in absent for cluster in one[0].clusters)]
    verdicts = []
    for (case, phase), (digest, faults) in zip(chosen, parallel.each(judge_case, chosen)):
        charts = [cluster.cilium for cluster in case.clusters]
        entry = record.entry(case.mesh_file(phase), ["--phase", phase], outputs.KINDS, digest, charts)
        verdicts.append(Verdict.of(record.case_id(case, phase), faults, entry))
        yield verdicts[-1]
    if chosen:
        print_matrix(chosen, verdicts)
    if not options.case:
        yield from refusals()
        yield from held_objects(absent)


def refusals():
    """meshgen refuses the modes that are not among the cases, and no others."""
    for case in refused_cases():
        codes = outputs.validate(outputs.mesh_with(case, "mesh", {}))
        yield Verdict.of(f"{case.id} is refused", [] if "trust-mode-unsupported" in codes else [f"validate says {sorted(codes)}"])


def held_objects(absent):
    """The objects that KKP was seen to write, through their charts."""
    found = [one for one in held() if one.phase == "mesh" and one.version not in absent]
    for one, faults in zip(found, parallel.each(judge_held, found)):
        yield Verdict.of(one.label, faults)


def judge_held(one):
    """The faults of a mesh around the object; some of these objects no chart takes, patched or not."""
    holder = one.case.clusters[0]
    refused_before = helm.template(one.version, outputs.read_values(one.installation))[1]
    try:
        faults = judge(one.case, one.phase, one.render(), outputs.own_ca, with_history=False)
    except (outputs.Failed, Broken) as failed:
        said = one.pair_cannot_render and "error[version-pair]" in str(failed) or "error[value-refused]" in str(failed)
        excused = refused_before and said
        return [] if excused else [str(failed)]
    from_helm = all(fault.startswith(f"{holder.name}: Helm: ") for fault in faults)
    return [] if refused_before and from_helm else faults


def judge_case(one):
    case, phase = one
    try:
        made, digest = outputs.of_case(case, phase)
    except outputs.Failed as failed:
        return None, [str(failed)]
    return digest, judge(case, phase, made, outputs.own_ca)


def print_matrix(chosen, verdicts):
    """One line per version, one column per mode: the phases that hold, "!" for one that does not."""
    cells = {}
    for (case, phase), verdict in zip(chosen, verdicts):
        row, _, column = case.id.partition("-")
        cells.setdefault(row, {}).setdefault(column, []).append(phase[0] if verdict.result == OK else "!")
    columns = list(dict.fromkeys(column for row in cells.values() for column in row))
    for number_, column in enumerate(columns, 1):
        print(f"  {number_:>2} {column}")
    print("  " + " " * 8 + "".join(f"{number_:<5}" for number_ in range(1, len(columns) + 1)))
    for row, found in cells.items():
        print(f"  {row:<8}" + "".join(f"{''.join(found.get(column, ['.'])):<5}" for column in columns))


def judge(case, phase, outputs_, own_ca, with_history=True):
    """The faults of one case in one phase. `own_ca` is the CA (certificate, key) that a cluster was born with."""
    faults = []
    manifests = {}
    for cluster in case.clusters:
        manifests[cluster.name], error = helm.template(cluster.cilium, outputs_[cluster.name].values)
        if error:
            faults.append(f"{cluster.name}: Helm: {error[-400:]}")
    if faults:
        return faults
    histories = {"": {cluster.name: Cluster.born(own_ca(cluster.name), cluster.born_with_ca) for cluster in case.clusters}}
    if phase == "mesh" and with_history:
        histories["bootstrapped under its own CA, "] = {
            cluster.name: bootstrapped(cluster, own_ca(cluster.name), outputs_[cluster.name].values_before) for cluster in case.clusters
        }
    for history, states in histories.items():
        for cluster in case.clusters:
            state, output = states[cluster.name], outputs_[cluster.name]
            if output.secret:
                state.apply_secret(output.secret)
            faults += [f"{cluster.name}: {history}{fault}" for fault in state.upgrade(manifests[cluster.name])]
        faults += [f"{history}{fault}" for fault in follow(case, phase, states)]
    for cluster in case.clusters:
        faults += [f"{cluster.name}: {fault}" for fault in settings(case, cluster, phase, states[cluster.name])]
        faults += [f"{cluster.name}: {fault}" for fault in keys_in_values(case, outputs_[cluster.name].values)]
    return list(dict.fromkeys(faults))


def bootstrapped(cluster, ca, base):
    """A cluster on which the KKP guide's bootstrap ran (with the cure that 1.16-1.18 need)."""
    state = Cluster.born(ca, cluster.born_with_ca)
    manifests, error = guides_bootstrap(cluster.cilium, cluster.name, cluster.id, json.dumps(base))
    if error or state.upgrade(manifests):
        raise Broken(f"the guide's bootstrap fails on {cluster.cilium}: {error}")
    return state


@functools.lru_cache(maxsize=None)
def guides_bootstrap(version, name, id_, base):
    return helm.template(version, merge(json.loads(base), {
        "cluster": {"name": name, "id": id_},
        "clustermesh": {
            "useAPIServer": True,
            "config": {"enabled": True},
            "apiserver": {
                "tls": {"auto": {"method": "cronJob"}},
                "service": {"type": "LoadBalancer"},
                "updateStrategy": {"rollingUpdate": {"maxUnavailable": 1}},
            },
        },
    }))


def follow(case, phase, states):
    for cluster in case.clusters:
        known = {peer.name for peer in case.peers(cluster, phase)}
        for peer in case.peers(cluster, phase):
            for fault in dial(states, cluster, peer):
                yield f"{cluster.name} to {peer.name}: {fault}"
        named = {key for key in states[cluster.name].objects.get(("Secret", "cilium-clustermesh"), {}) if ".etcd-client" not in key}
        for stranger in sorted(named - known):
            yield f"{cluster.name}: has {stranger} among its peers"


def dial(states, cluster, peer):
    """Follows the connection from the component that dials to the peer's etcd."""
    state = states[cluster.name]
    try:
        kvstoremesh = has_kvstoremesh(state)
        workload, container = (apiserver(state), "kvstoremesh") if kvstoremesh else (agent(state), "cilium-agent")
        files = state.mounted(workload, container, CLUSTERMESH)
        config = client_config(files, peer.name)
        yield from endpoint(config, pod(workload), peer)
        host = peer.address or f"{peer.name}.mesh.cilium.io"
        yield from handshake(files, config, host, states[peer.name])
        if kvstoremesh:
            files = state.mounted(agent(state), "cilium-agent", CLUSTERMESH)
            config = client_config(files, peer.name)
            if config["endpoints"] != [LOCAL]:
                yield f"agents dial {config['endpoints']}, not the local KVStoreMesh"
            yield from (f"agents to KVStoreMesh: {fault}" for fault in handshake(
                files, config, "clustermesh-apiserver.kube-system.svc", state))
    except Broken as broken:
        yield str(broken)


def agent(state):
    return state.release["DaemonSet", "cilium"]


def apiserver(state):
    deployment = state.release.get(("Deployment", "clustermesh-apiserver"))
    if deployment is None:
        raise Broken("no clustermesh-apiserver is rendered")
    return deployment


def has_kvstoremesh(state):
    return any(container["name"] == "kvstoremesh" for container in pod(apiserver(state))["containers"])


def client_config(files, peer):
    text = files.get(f"{CLUSTERMESH}/{peer}")
    if text is None:
        raise Broken("the dialling component has no configuration for it")
    return yaml.safe_load(text)


def endpoint(config, spec, peer):
    host = peer.address or f"{peer.name}.mesh.cilium.io"
    if config["endpoints"] != [f"https://{host}:{peer.port}"]:
        yield f"dials {config['endpoints']}, not https://{host}:{peer.port}"
    aliases = {one["ip"] for one in spec.get("hostAliases") or [] if host in one["hostnames"]}
    for one in config.get("cilium-host-aliases") or []:
        if one["hostname"] == host:
            aliases |= set(one["ips"])
    if aliases != set(peer.ips):
        yield f"{host} resolves to {sorted(aliases) or 'nothing'}, not {sorted(peer.ips)}"


def handshake(files, config, host, server_state):
    """TLS in both directions, and whether etcd then knows the user."""
    trusted, cert, key = (files.get(config[name]) for name in ("trusted-ca-file", "cert-file", "key-file"))
    for name, found in (("trusted-ca-file", trusted), ("cert-file", cert), ("key-file", key)):
        if not found:
            raise Broken(f"{name} {config[name]} is not mounted")
    server = etcd(server_state)
    if fault := pki.distrust(server["cert-file"], trusted, "server auth"):
        yield f"the server certificate is refused: {fault}"
    if not pki.names_host(server["cert-file"], host):
        yield f"the server certificate does not name {host}"
    if fault := pki.distrust(cert, server["trusted-ca-file"], "client auth"):
        yield f"the client certificate is refused: {fault}"
    if not pki.key_fits(cert, key):
        yield "the client key is not the client certificate's"
    if pki.common_name(cert) not in users(server_state):
        yield f"etcd knows no user {pki.common_name(cert)}, only {sorted(users(server_state))}"


def etcd(state):
    """The bytes behind etcd's TLS flags in the apiserver pod."""
    deployment = apiserver(state)
    container = next(one for one in pod(deployment)["containers"] if one["name"] == "etcd")
    flags = flags_of(container)
    if flags.get("client-cert-auth") not in ("", "true"):
        raise Broken("etcd asks for no client certificate")
    out = {}
    for name in ("cert-file", "key-file", "trusted-ca-file"):
        path = flags[name]
        out[name] = state.mounted(deployment, "etcd", path.rpartition("/")[0]).get(path)
        if not out[name]:
            raise Broken(f"the server's {name} {path} is not mounted")
    return out


def users(state):
    known = {"remote", "local"}
    text = state.objects.get(("ConfigMap", "clustermesh-remote-users"), {}).get("users.yaml", b"")
    known |= {user["name"] for user in (yaml.safe_load(text) or {}).get("users") or []}
    name = state.objects["ConfigMap", "cilium-config"]["cluster-name"].decode()
    return known | {f"local-{name}", f"admin-{name}"}


def settings(case, cluster, phase, state):
    """What the mesh file says about this cluster, where the chart shows it."""
    config = state.objects["ConfigMap", "cilium-config"]
    for key, wanted in (("cluster-name", cluster.name), ("cluster-id", str(cluster.id))):
        if config[key].decode() != wanted:
            yield f"{key} is {config[key].decode()!r}, not {wanted!r}"
    try:
        if case.kvstoremesh is not None and has_kvstoremesh(state) != case.kvstoremesh:
            yield f"kvstoremesh is {'on' if has_kvstoremesh(state) else 'off'}"
    except Broken as broken:
        yield str(broken)
        return
    service = state.release["Service", "clustermesh-apiserver"]["spec"]
    if service["type"] != cluster.service["type"]:
        yield f"the Service is {service['type']}, not {cluster.service['type']}"
    node_port = next(port for port in service["ports"] if port["port"] == 2379).get("nodePort")
    if node_port != cluster.service.get("nodePort"):
        yield f"the Service's node port is {node_port}, not {cluster.service.get('nodePort')}"
    if case.auth_mode and number(cluster.cilium) >= (1, 14):
        missing = {f"remote-{peer.name}" for peer in case.peers(cluster, phase)} - users(state)
        if case.auth_mode != "legacy" and missing:
            yield f"the users ConfigMap lacks {sorted(missing)}"


def keys_in_values(case, values):
    """Private keys that stand in the values although this trust mode needs none there."""
    if case.trust == "inline" or any(number(cluster.cilium) < (1, 14) or cluster.born_with_ca for cluster in case.clusters):
        return
    for route, text in strings(values):
        if "PRIVATE KEY" in text or b"PRIVATE KEY" in decoded(text):
            yield f"a private key stands in the values at {route}"


def strings(tree, route=""):
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from strings(value, f"{route}.{key}")
    elif isinstance(tree, list):
        for position, value in enumerate(tree):
            yield from strings(value, f"{route}[{position}]")
    elif isinstance(tree, str):
        yield route.lstrip("."), tree


@functools.lru_cache(maxsize=4096)
def decoded(text):
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
