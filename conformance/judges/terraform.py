"""The real Terraform with the real external provider on fixtures/terraform: plan, apply, plan again, and each way to fail.

What Terraform read is recorded in terraform.json, so that a machine without it still notices a changed answer.
"""

import base64
import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from suite import cache, cases, goyaml, outputs, tf
from suite.report import Verdict, skipped

FILE = cases.HERE / "terraform.json"
FIXTURES = cases.HERE.parent / "fixtures"
CLUSTERS = ("cluster-1", "cluster-2")
NO_CHANGES, FAILS, CHANGES = 0, 1, 2  # what `terraform plan -detailed-exitcode` says


def run(options):
    program = outputs.meshgen_binary()
    recorded = json.loads(FILE.read_text()) if FILE.exists() else {"answers": {}}
    digests = answers(program)
    if not options.record:
        for query, digest in digests.items():
            yield Verdict.of(f"answer to {query}", disagreement(recorded["answers"].get(query), digest))
    try:
        terraform = Terraform(program)
    except cache.Unavailable as why:
        yield skipped("terraform itself", why)
        return
    verdicts = list(judge(terraform))
    yield from verdicts
    if options.record:
        record(terraform, digests, verdicts)


def judge(terraform):
    """What the real Terraform makes of the example module, step by step."""
    with terraform.module(FIXTURES / "terraform") as module:
        yield Verdict.of("plan, apply, plan again", comes_to_rest(module))
        yield Verdict.of("a new address of cluster-2 replaces what hangs on the patch of cluster-1", follows_a_change(module))
        yield from failures(module)
    with terraform.module(FIXTURES / "guide", FIXTURES / "terraform" / "main.tf") as module:
        yield Verdict.of("keys stay out of the state", keeps_keys_out(module))
    with terraform.module(FIXTURES / "terraform-vars") as module:
        yield Verdict.of("the rules as a variable file", reads_variables(module))


def comes_to_rest(module):
    code, text = module.plan()
    if code != CHANGES:
        return [f"the first plan exits {code}: {text[-300:]}"]
    code, text = module.run("apply", "-auto-approve")
    if code:
        return [f"apply exits {code}: {text[-300:]}"]
    faults = [f"{word} in: {text[-300:]}" for word in ("Warning: Check block", "Error:") if word in text]
    code, text = module.plan()
    if code != NO_CHANGES:
        faults.append(f"the second plan exits {code}: {text[-300:]}")
    state = module.state()
    if state["outputs"]["phase"]["value"] != "mesh":
        faults.append(f"the phase is {state['outputs']['phase']['value']}")
    kept = {f"{one['type']}.{one['name']}": len(one["instances"]) for one in state["resources"]}
    for resource in ("terraform_data.firewall_rule", "terraform_data.patched", "terraform_data.patch"):
        if not kept.get(resource):
            faults.append(f"no {resource} in the state")
    return faults


def follows_a_change(module):
    with module.replaced("203.0.113.20", "203.0.113.21"):
        code, text = module.plan()
    replaced = re.findall(r'terraform_data\.patched\["([\w-]+)"\] must be replaced', text)
    return [] if (code, replaced) == (CHANGES, ["cluster-1"]) else [f"exit {code}, replaced: {replaced}: {text[-300:]}"]


def failures(module):
    mesh = "mesh    = local.mesh_file\n"
    for name, spoil, expected in (
        ("a broken mesh", module.replaced("172.26.0.0/16", "172.25.0.0/16"), r"mesh\.yaml:\d+:\d+: error\[pod-cidr-overlap\]: "),
        ("a file that is not YAML", module.replaced("clusters:", "clusters: ["), r"mesh\.yaml:\d+:\d+: error\[syntax\]: "),
        ("a missing dump that a phase needs", module.replaced("ca.crt", "gone.crt", ("query   = {", 'query   = { phase = "mesh", ')),
         r"mesh\.yaml:\d+:\d+: error\[input-missing\]: "),
        ("a mesh file that vanished", module.without("mesh.yaml"), r"cannot read \S*mesh\.yaml: "),
        ("an empty query", module.module_replaced("query   = { mesh = local.mesh_file }", ""), "the query names no mesh file"),
        ("a number as the mesh", module.module_replaced("mesh = local.mesh_file }", "mesh = 5 }"), "cannot read 5: "),
        ("an unknown query key", module.module_replaced(mesh, mesh + "    clusters = each.key\n"), "did you mean `cluster`"),
    ):
        with spoil:
            code, text = module.plan()
        yield Verdict.of(f"{name} fails the plan", [] if code == FAILS and re.search(expected, text) else [f"exit {code}: {text[-400:]}"])
    code, text = module.plan()
    yield Verdict.of("mended, the plan is at rest again", [] if code == NO_CHANGES else [f"exit {code}: {text[-300:]}"])


def keeps_keys_out(module):
    code, text = module.run("apply", "-auto-approve")
    if code:
        return [f"apply exits {code}: {text[-300:]}"]
    keys = list(keys_of(FIXTURES / "guide"))
    faults = ["a key is in the state"] if any(key in module.state_text() for key in keys) else []
    mesh = "mesh    = local.mesh_file\n"
    with module.module_replaced(mesh, mesh + '    secrets = "true"\n'):
        code, text = module.run("apply", "-auto-approve")
    if code or not any(key in module.state_text() for key in keys):
        faults.append(f"asked for, no key is in the state; exit {code}: {text[-300:]}")
    return faults


def reads_variables(module):
    mesh, faults = FIXTURES / "guide" / "mesh.yaml", []
    listed, variables = (module.meshgen("firewall", str(mesh), *more) for more in ((), ("--format", "tfvars")))
    (module.folder / "firewall.auto.tfvars.json").write_text(variables)
    code, text = module.run("apply", "-auto-approve")
    if code or "undeclared" in text:
        return [f"apply exits {code}: {text[-300:]}"]
    read = [one["attributes"]["input"]["value"] for one in module.state()["resources"][0]["instances"]]
    in_order = [sorted(json.dumps(rule, sort_keys=True) for rule in rules) for rules in (json.loads(listed), read)]
    if not read or in_order[0] != in_order[1]:
        faults.append(f"{len(read)} rules were read, which are not those that rules.json lists")
    code, text = module.plan()
    if code != NO_CHANGES:
        faults.append(f"the second plan exits {code}: {text[-300:]}")
    spoilt = json.loads(variables)
    del spoilt["cluster_mesh_rules"][0]["port"]
    (module.folder / "firewall.auto.tfvars.json").write_text(json.dumps(spoilt))
    code, text = module.plan()
    return faults if code == FAILS and "port" in text else [*faults, f"a rule without a port passes: exit {code}"]


def keys_of(folder):
    """Every private key in the dumps, as they hold it and decoded."""
    for dump in sorted(folder.glob("dumps/*/*.yaml")):
        for name, value in goyaml.load_yaml(dump.read_text())["data"].items():
            if name.endswith("key"):
                yield from (value, base64.b64decode(value).decode().splitlines()[1])


class Terraform:
    """The program, the provider and meshgen, brought together without `init`."""

    def __init__(self, program):
        self.terraform = tf.program()
        self.provider = Path(os.environ.get("MESHGEN_TF_PROVIDER") or "")
        if not self.provider.is_file():
            raise cache.Unavailable("MESHGEN_TF_PROVIDER names no binary of the provider hashicorp/external")
        self.program = program

    def version(self):
        said = subprocess.run([self.terraform, "version", "-json"], capture_output=True, text=True, check=True, env=tf.environment({})).stdout
        return json.loads(said)["terraform_version"]

    def module(self, folder, *more):
        return Module(self, folder, more)


class Module:
    """A copy of a module, in which things are spoilt and mended again."""

    def __init__(self, tools, folder, more):
        self.tools, self.source, self.more = tools, folder, more

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory()
        top = Path(self.temporary.name)
        self.folder = shutil.copytree(self.source, top / "module")
        for path in self.more:
            shutil.copy(path, self.folder)
        (top / "plugins").mkdir()
        (top / "plugins" / "terraform-provider-external").symlink_to(self.tools.provider.resolve())
        self.config = top / "terraform.rc"
        self.config.write_text(f'provider_installation {{\n  dev_overrides {{ "hashicorp/external" = "{top}/plugins" }}\n  direct {{}}\n}}\n')
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def run(self, *words):
        variables = {"TF_CLI_CONFIG_FILE": str(self.config), "TF_VAR_meshgen": str(self.tools.program.resolve())}
        ran = subprocess.run([self.tools.terraform, *words, "-no-color", "-input=false"], cwd=self.folder, env=tf.environment(variables),
                             capture_output=True, text=True, check=False)
        # Diagnostics are framed and wrapped.
        return ran.returncode, re.sub(r"\s*\n?[│╷╵ ]*\n?\s+", " ", ran.stdout + ran.stderr)

    def plan(self):
        return self.run("plan", "-detailed-exitcode")

    def meshgen(self, *words):
        return subprocess.run([str(self.tools.program.resolve()), *words], capture_output=True, text=True, check=True).stdout

    def state_text(self):
        return (self.folder / "terraform.tfstate").read_text()

    def state(self):
        return json.loads(self.state_text())

    def replaced(self, old, new, in_module=None):
        changes = [("mesh.yaml", old, new), *([("main.tf", *in_module)] if in_module else [])]
        return Spoilt(self.folder, changes)

    def module_replaced(self, old, new):
        return Spoilt(self.folder, [("main.tf", old, new)])

    def without(self, name):
        return Spoilt(self.folder, [(name, None, None)])


class Spoilt:
    """Files that are different for a while; `None` for new text means gone."""

    def __init__(self, folder, changes):
        self.folder, self.changes, self.before = folder, changes, {}

    def __enter__(self):
        for name, old, new in self.changes:
            path = self.folder / name
            text = self.before[path] = path.read_text()
            if old is None:
                path.unlink()
                continue
            assert old in text, f"{name} no longer says {old!r}"
            path.write_text(text.replace(old, new))

    def __exit__(self, *_):
        for path, text in self.before.items():
            path.write_text(text)


def answers(program):
    """The digest of each answer that Terraform reads in the example module."""
    found = {}
    for query in ({}, *({"cluster": name} for name in CLUSTERS)):
        asked = json.dumps({"mesh": "mesh.yaml", **query})
        ran = subprocess.run([str(program.resolve()), "terraform"], input=asked, cwd=FIXTURES / "terraform", capture_output=True, text=True,
                             check=False)
        found[asked] = hashlib.sha256((ran.stdout or ran.stderr).encode()).hexdigest()
    return found


def disagreement(recorded, digest):
    if recorded is None:
        yield "was never judged"
    elif recorded["verdict"] != "accepted":
        yield "was judged and refused"
    elif recorded["digest"] != digest:
        yield f"changed since it was judged ({digest[:12]}, judged was {recorded['digest'][:12]})"


def record(terraform, digests, verdicts):
    verdict = "refused" if any(one.why for one in verdicts) else "accepted"
    FILE.write_text(json.dumps({
        "version": 1,
        "recordedOn": datetime.date.today().isoformat(),
        "judges": {"terraform": terraform.version(), "provider": hashlib.sha256(terraform.provider.read_bytes()).hexdigest()},
        "answers": {query: {"digest": digest, "verdict": verdict} for query, digest in digests.items()},
    }, indent=1) + "\n")
