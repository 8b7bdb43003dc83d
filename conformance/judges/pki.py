"""What `meshgen pki` makes, before Go's crypto/x509 and crypto/tls, which Cilium, certgen and etcd use; and meshes that need nothing else.

Each certificate has the names, the kind of key and the lifetime that the Job of its chart would give it, and is taken for what it is
used for and for nothing else. A renewed CA proves what the old one has signed. What stands in a folder is never written over.
"""

import datetime
import functools
import json
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import yaml

from judges import charts
from suite import cache, cases, helm, onepass, outputs, parallel
from suite.cases import SHIPPED, number
from suite.report import Verdict, skipped

PROGRAM = cases.HERE / "pki"
RENEWED = "2027-11-23T00:00:00Z"
LATER = 3650  # days
# Cases that go from mesh.yaml to complete in one render. `tls` judges the first two with real etcds.
ONE_PASS = ("1.13.0-sharedCA", "1.18.10-inline-direct", "1.13.14-sharedCA", "1.16.9-inline-kvstoremesh", "1.20.0-inline-direct", "mixed-inline",
            "mixed-old-sharedCA")
# CAs that somebody else made: as openssl writes them.
FOREIGN = {
    "P-256, SEC 1": ("ecparam", "-name", "prime256v1", "-genkey", "-noout"),
    "P-256, PKCS 8": ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "P-384, PKCS 8": ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "RSA, PKCS 8": ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    "RSA, PKCS 1": ("genrsa", "-traditional"),
}


def run(options):
    if shutil.which("go") is None:
        yield skipped("meshgen pki", "no go")
        return
    yield from certificates()
    yield from one_pass()


def certificates():
    """Everything that is made goes before Go at once: its program starts slowly."""
    with tempfile.TemporaryDirectory() as work:
        subjects = []
        for number_, (subject, make) in enumerate(makers()):
            folder = Path(work, str(number_))
            folder.mkdir()
            try:
                subjects.append((subject, *make(folder)))
            except onepass.Failed as failed:
                subjects.append((subject, [], [str(failed)]))
            except cache.Unavailable as why:
                yield skipped(subject, why)
        answers = iter(ask([job for _, jobs, _ in subjects for job in jobs]))
        for subject, jobs, faults in subjects:
            yield Verdict.of(subject, [*faults, *(f"{job['Kind']}: {fault}" for job in jobs for fault in next(answers))])


def makers():
    """What is judged, and what makes its jobs in a folder; it gives them, and the faults of how the files lie there."""
    yield "a CA, its renewal and its Secret", own_ca
    for version in SHIPPED:
        for mode in (None, "cluster") if number(version) >= (1, 14) else (None,):
            subject = f"{version}{' authMode ' + mode if mode else ''}: the leaves of three clusters"
            yield subject, functools.partial(leaves, version=version, auth_mode=mode)
    for name in FOREIGN:
        yield f"a CA of {name}", functools.partial(foreign, name=name)


# One pass


def one_pass():
    known = {case.id: case for case in cases.all_cases()}
    chosen = [case_id for case_id in ONE_PASS if all(helm.archive(one.cilium).exists() for one in known[case_id].clusters)]
    for case_id in ONE_PASS:
        if case_id not in chosen:
            yield skipped(f"{case_id} in one pass", "no chart")
    for case_id, faults in zip(chosen, parallel.each(complete, [known[case_id] for case_id in chosen])):
        yield Verdict.of(f"{case_id} in one pass", faults)


def complete(case):
    """The faults of the mesh that one render makes of clusters that nobody has read back."""
    try:
        made, cas = onepass.rendered(case)
    except (onepass.Failed, outputs.Failed) as failed:
        return [str(failed)]
    return charts.judge(case, "mesh", made, cas.__getitem__)


# Certificates


def ask(jobs):
    """What Go says of each job: a list of faults."""
    ran = subprocess.run(["go", "run", "-mod=readonly", "."], cwd=PROGRAM, input=json.dumps(jobs), capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"the program fails: {ran.stderr[-600:]}")
    return json.loads(ran.stdout)


def authority(pair, start, days=onepass.CA_DAYS, **more):
    return {"Kind": "ca", "Cert": pair[0].decode(), "Key": pair[1].decode(), "CommonName": "Cilium CA", "Start": start, "Days": days, **more}


def client(pair, ca, leaf, start=onepass.START):
    return {"Kind": "client", "Cert": pair[0].decode(), "Key": pair[1].decode(), "CA": ca[0].decode(), "CAKey": ca[1].decode(),
            "CommonName": leaf.common_name, "DNSNames": leaf.dns_names or None, "Days": leaf.days, "Start": start}


def own_ca(folder):
    """A CA, what it has signed, and its renewal."""
    mesh_file(folder, "1.18.10", None)
    onepass.meshgen(folder, "pki", "remote", "-o", "remote", "--now", onepass.START)
    onepass.meshgen(folder, "pki", "renew-ca", "-o", "renewed", "--now", RENEWED, "--days", str(LATER))
    old, new = onepass.pair(folder / "ca", "ca"), onepass.pair(folder / "renewed", "ca")
    leaf = (folder / "remote/cluster-1/tls.crt").read_text()
    jobs = [authority(old, onepass.START),
            authority(new, RENEWED, LATER, Kind="renewed", CA=old[0].decode(), Leaves=[leaf])]
    faults = [*private(folder), *kept(folder)]
    for place, pair in (("ca", old), ("renewed", new)):
        secret = outputs.goyaml.load_yaml((folder / place / "cilium-ca.secret.yaml").read_text())
        if secret != cases.secret("cilium-ca", {"ca.crt": pair[0], "ca.key": pair[1]}):
            faults.append(f"{place}/cilium-ca.secret.yaml is not the Secret of ca.crt and ca.key")
    return jobs, faults


def private(folder):
    """Files with a key that others can read."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (b"PRIVATE KEY" in path.read_bytes() or path.name.endswith(".secret.yaml")):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode != 0o600:
                yield f"{path.relative_to(folder)} has the mode {mode:o}"


COMMANDS = {"ca": ("pki", "ca", "-o", "ca"), "remote": ("pki", "remote", "-o", "remote"), "renewed": ("pki", "renew-ca", "-o", "renewed")}


def kept(folder):
    """What is written although one of its files is there; each file alone is enough, and so is a link that leads nowhere."""
    for place, words in COMMANDS.items():
        whole = folder / f"{place}.whole"
        (folder / place).rename(whole)
        for one in sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file()):
            path = folder / place / one
            path.parent.mkdir(parents=True)
            path.symlink_to("/nowhere/at/all")
            yield from refused(folder, place, words, {path})
            path.unlink()
            path.write_text("mine")
            yield from refused(folder, place, words, {path})
            if path.read_text() != "mine":
                yield f"{place}/{one} is written over"
            shutil.rmtree(folder / place)
        whole.rename(folder / place)


def refused(folder, place, words, wanted):
    ran = subprocess.run([str(outputs.meshgen_binary()), *words], cwd=folder, capture_output=True, text=True, check=False)
    there = {path for path in (folder / place).rglob("*") if not path.is_dir()}
    if ran.returncode != 2 or "nothing was written" not in ran.stderr:
        yield f"{' '.join(words)} exits {ran.returncode} where a file is there: {ran.stderr.strip()[:300]}"
    if there != wanted:
        yield f"{' '.join(words)} leaves {sorted(map(str, there))}"


def mesh_file(folder, version, auth_mode, ca=True):
    """A mesh of three clusters that share a CA of their own."""
    if ca:
        onepass.meshgen(folder, "pki", "ca", "-o", "ca", "--now", onepass.START)
    mesh = {"apiVersion": "meshgen/v1", "ca": onepass.files("ca/ca"), "clusters": [
        {"name": one.name, "id": one.id, "kkp": one.kkp, "cilium": version, "podCIDRs": [one.pod_cidr]} for one in cases.three_clusters(version)]}
    if auth_mode:
        mesh["authMode"] = auth_mode
    (folder / "mesh.yaml").write_text(yaml.safe_dump(mesh))


def leaves(folder, version, auth_mode):
    three = cases.three_clusters(version)
    wanted = [onepass.wanted_leaf(version, auth_mode, one.name) for one in three]
    if None in wanted:
        raise cache.Unavailable(f"no {helm.archive(version).name}")
    mesh_file(folder, version, auth_mode)
    onepass.meshgen(folder, "pki", "remote", "-o", "remote", "--now", onepass.START)
    ca = onepass.pair(folder / "ca", "ca")
    return [client(onepass.pair(folder / "remote" / one.name), ca, leaf) for one, leaf in zip(three, wanted)], list(private(folder))


def foreign(folder, name):
    """A leaf and a renewal by a CA that openssl made."""
    if shutil.which("openssl") is None:
        raise cache.Unavailable("no openssl")
    openssl_ca(folder / "ca", FOREIGN[name])
    start = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    mesh_file(folder, "1.18.10", None, ca=False)
    onepass.meshgen(folder, "pki", "remote", "-o", "remote", "--now", start)
    onepass.meshgen(folder, "pki", "renew-ca", "-o", "renewed", "--now", start, "--days", "36500")
    ca, new = onepass.pair(folder / "ca", "ca"), onepass.pair(folder / "renewed", "ca")
    leaf = onepass.pair(folder / "remote/cluster-1")
    return [client(leaf, ca, onepass.wanted_leaf("1.18.10", None, "cluster-1"), start),
            authority(new, start, 36500, Kind="renewed", CA=ca[0].decode(), Leaves=[leaf[0].decode()], AnyKey=True)], []


def openssl_ca(folder, words):
    folder.mkdir()
    key, cert = folder / "ca.key", folder / "ca.crt"
    subprocess.run(["openssl", words[0], "-out", key, *words[1:]], check=True, capture_output=True)
    key.chmod(0o600)
    subprocess.run(["openssl", "req", "-x509", "-new", "-key", key, "-days", "3650", "-out", cert, "-subj", "/C=US/O=Cilium/CN=Cilium CA",
                    "-addext", "keyUsage=critical,keyCertSign,cRLSign"], check=True, capture_output=True)
