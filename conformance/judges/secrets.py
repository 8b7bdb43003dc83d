"""docs/secrets.md with the real sops, age and kubeseal: its blocks are run as they stand there, in order."""

import re
import subprocess
import tempfile
from pathlib import Path

from suite import cache, goyaml, outputs, pki, secretspage
from suite.report import Verdict, skipped

MESH = cache.HERE.parent / "fixtures" / "meshes" / "ca-replaced"
KEYS = re.compile("LS0tLS1CRUdJTiB|-----BEGIN (?!AGE|CERT)")


def run(options):
    yield Verdict.of("SOPS", sops(secretspage.section("SOPS")))
    try:
        cache.tool("kubeseal")
    except cache.Unavailable as why:
        yield skipped("Sealed Secrets", str(why))
        return
    yield Verdict.of("Sealed Secrets", sealed(secretspage.section("Sealed Secrets")))


def sops(page):
    """The faults of the section about SOPS."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        rules, use_key = page["yaml"]
        encrypt, decrypt, from_environment, copy = page["sh"]
        (desk.folder / ".sops.yaml").write_text(rules.replace("age1...", desk.recipient()))
        desk.run("meshgen render -q mesh.yaml -o wanted")
        yield from encrypted(desk, encrypt)
        desk.run(decrypt)
        yield from (f"{path.name} is for others to read" for path in desk.secrets() if path.stat().st_mode & 0o77)
        desk.run("meshgen render -q mesh.yaml -o out")
        if desk.patches("out") != desk.patches("wanted"):
            yield "the decrypted dumps give another output"
        yield from key_from_environment(desk, use_key, from_environment)
        desk.run(copy)
        copied = next((desk.folder / "gitops").rglob("*.sops.yaml"))
        if KEYS.search(copied.read_text()):
            yield "the copy for Flux holds a key"
        opened = goyaml.load_yaml(desk.run(f"sops --decrypt {copied}").stdout)
        if opened != goyaml.load_yaml((desk.folder / "out/clusters/cluster-2/10-cilium-ca.secret.yaml").read_text()):
            yield "what Flux decrypts is another Secret"


def encrypted(desk, commands):
    desk.run(commands)
    for path in desk.secrets():
        if not all(value.startswith("ENC[") for value in secret_values(goyaml.load_yaml(path.read_text()))):
            yield f"{path.name} can still be read"
    checked = desk.run("meshgen validate mesh.yaml", check=False)
    if checked.returncode or "warning[input-encrypted]" not in checked.stdout:
        yield f"validate exits {checked.returncode}: {checked.stdout[-300:]}"
    rendered = desk.run("meshgen render mesh.yaml -o out", check=False)
    if rendered.returncode != 1 or "error[input-encrypted]" not in rendered.stderr:
        yield f"render exits {rendered.returncode}: {rendered.stderr[-300:]}"
    for command in set(re.findall("`(sops --decrypt .*) > FILE`", rendered.stderr)):
        if "ENC[" in desk.run(command).stdout:
            yield f"the command of the finding gives no plain text: {command}"


def secret_values(found):
    """What of a dump may hold a key: the data of a Secret, the values of an ApplicationInstallation."""
    if found["kind"] == "Secret":
        return list(found["data"].values())
    return [found["spec"]["valuesBlock"]]


def key_from_environment(desk, use_key, commands):
    dumped = goyaml.load_yaml((desk.folder / "dumps/cluster-1/cilium-ca.secret.yaml").read_text())["data"]
    (desk.folder / "ca").mkdir()
    for name in ("ca.crt", "ca.key"):
        (desk.folder / "ca" / name).write_bytes(pki.plain(dumped[name]))
    mesh = desk.folder / "mesh.yaml"
    mesh.write_text(f"{mesh.read_text()}{use_key}")
    desk.run(commands)
    if KEYS.search((desk.folder / "keys.enc.env").read_text()):
        yield "keys.enc.env holds a key"
    rendered = goyaml.load_yaml((desk.folder / "out/clusters/cluster-2/10-cilium-ca.secret.yaml").read_text())
    if rendered["data"]["ca.key"] != dumped["ca.key"]:
        yield "the key of the environment is not the one that is rendered"


def sealed(page):
    """The faults of the section about Sealed Secrets; a certificate in a file stands for the controller's."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.run("meshgen render -q mesh.yaml -o out")
        (desk.folder / "seal.crt").write_bytes(pki.issue_rsa("sealed-secret"))
        for command in page["sh"]:
            desk.run(command.replace("--context cluster-2", "--cert seal.crt"))
        for path in (desk.folder / "gitops").rglob("*.sealed.yaml"):
            found = goyaml.load_yaml(path.read_text())
            if KEYS.search(path.read_text()):
                yield f"{path.name} holds a key"
            if sorted(found["spec"]["encryptedData"]) != ["ca.crt", "ca.key"]:
                yield f"{path.name} seals {sorted(found['spec']['encryptedData'])}"
            if (found["metadata"]["name"], found["metadata"]["namespace"]) != ("cilium-ca", "kube-system"):
                yield f"{path.name} is of another Secret"


class Desk:
    """A folder with a mesh and its dumps, and a shell in it."""

    def __init__(self, folder):
        self.folder = folder
        tools = folder / ".bin"
        tools.mkdir()
        (tools / "meshgen").symlink_to(outputs.meshgen_binary().resolve())
        for name in ("sops", "age-keygen"):
            (tools / name).symlink_to(cache.tool(name))
        self.path = f"{tools}:{cache.BIN}:/usr/local/bin:/usr/bin:/bin"
        self.run(f"cp -r {MESH}/dumps {MESH}/mesh.yaml . && chmod -R go= dumps && age-keygen -o key.txt")

    def run(self, commands, check=True):
        ran = subprocess.run(["sh", "-euc", commands], cwd=self.folder, capture_output=True, text=True, check=False,
                             env={"PATH": self.path, "HOME": str(self.folder), "SOPS_AGE_KEY_FILE": str(self.folder / "key.txt")})
        if check and ran.returncode:
            raise Failed(f"{commands.strip()}: exit {ran.returncode}: {ran.stderr.strip()[-400:]}")
        return ran

    def recipient(self):
        return self.run("age-keygen -y key.txt").stdout.strip()

    def secrets(self):
        return [path for path in self.folder.glob("dumps/*/*.yaml") if ".service." not in path.name]

    def patches(self, output):
        return {path.name: path.read_bytes() for path in sorted((self.folder / output).glob("clusters/*/*"))}


class Failed(Exception):
    """A command of the page did not end as it should."""
