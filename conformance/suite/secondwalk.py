"""The README's second walk: certificates by `meshgen pki`, one render, one patch for each cluster, and the mesh is complete.

The lines are the README's; what they name is this walk's. Clusters that exist are read once beforehand.
"""

import json

from suite import contact, onepass, readme

MESH, OUT = "fixtures/one-pass/mesh.yaml", "out-one"


def lines():
    """`pki ca`, `pki remote` and `render --phase mesh`, for this walk's mesh.yaml and output folder."""
    known = [line.replace(MESH, "walk/mesh.yaml").replace(OUT, "walk/out") for line in readme.one_pass()]
    return [next(line for line in known if line.startswith(f"meshgen {words} ")) for words in ("pki ca", "pki remote", "render walk/mesh.yaml -o walk/out --phase")]


def mesh(walk, remotes):
    shared = walk.story.trust == "sharedCA"
    clusters = [{
        "name": one.name, "id": one.id, "kkp": one.kkp, "cilium": one.cilium, "podCIDRs": [one.pod_cidr],
        "apiserver": {"ips": [walk.clusters[one.name].address()]},
        **({"remoteCert": onepass.files(f"../remote/{one.name}/tls")} if remotes else {}),
    } for one in walk.story.members]
    trust = {"ca": onepass.files("../ca/ca")} if shared else {"trust": walk.story.trust}
    walk.desk.work.mkdir(exist_ok=True)
    (walk.desk.work / "mesh.yaml").write_text(json.dumps({"apiVersion": "meshgen/v1", **trust, "clusters": clusters}, indent=2))


def typed(walk, line):
    return walk.need(walk.desk.run(["sh", "-c", line]))


def faults(walk):
    """The whole way, and what is wrong at its end."""
    ca, remote, render = lines()
    shared = walk.story.trust == "sharedCA"
    if shared:
        typed(walk, ca)
    mesh(walk, remotes=False)
    walk.render()
    walk.need(walk.desk.script("dump.sh"))
    typed(walk, remote)
    mesh(walk, remotes=True)
    typed(walk, render)
    ran = walk.need(walk.steps())
    for name in walk.clusters:
        count = sum("patch" in words and name in words for words in ran.changes)
        if count != 1:
            yield f"{name} gets {count} patches"
    if not walk.is_done():
        yield "it is not done after one render"
    walk.once_more()
    yield from contact.lost(walk.clusters).values()
    for name, cluster in walk.clusters.items():
        cluster.settle()
        yield from cluster.faults
        yield from cluster.left_due()
        own = (walk.desk.folder / "ca/ca.crt").read_bytes() if shared else cluster.secret("cilium-ca")["ca.crt"]
        yield from cluster.mesh_faults([one for one in walk.clusters if one != name], own)
    yield from walk.faults + walk.desk.faults
