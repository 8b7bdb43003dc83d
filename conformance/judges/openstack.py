"""The module for OpenStack through the real Terraform and the real provider, on a Keystone and a Neutron that are played (`suite/neutron.py`):
validate, apply, a second plan without changes, and what Neutron then lets in compared with rules.json; with address groups and without.
"""

import subprocess
import tempfile
from pathlib import Path

from suite import cache, firewalls, outputs, parallel, tf
from suite.neutron import Neutron
from suite.report import Verdict

PROVIDER = "terraform-provider-openstack"
SOURCE = "terraform-provider-openstack/openstack"
NO_CHANGES = 0  # what `terraform plan -detailed-exitcode` says


def module():
    return (tf.MODULES / "terraform-openstack" / "main.tf").read_text()


def run(options):
    tf.program()
    cache.tool(PROVIDER)
    trials = [(mesh_file, by_group) for mesh_file in firewalls.meshes() for by_group in (True, False)]
    for (mesh_file, by_group), faults in zip(trials, parallel.each(of_trial, trials)):
        yield Verdict.of(f"{firewalls.name(mesh_file)} with {'address groups' if by_group else 'ranges'}", faults)


def of_trial(trial):
    mesh_file, by_group = trial
    cluster = firewalls.clusters(mesh_file)[0]
    try:
        form = "openstack" if by_group else "tfvars"  # either has the variables of the module
        return judge(module(), firewalls.form(mesh_file, form, cluster), by_group, firewalls.rules(mesh_file), cluster)
    except outputs.Failed as failed:
        return [str(failed)]


def judge(module_text, variables, by_group, rules, cluster):
    with tempfile.TemporaryDirectory() as folder, Neutron() as neutron:
        folder = Path(folder)
        (folder / "main.tf").write_text(module_text)
        (folder / "firewall.auto.tfvars.json").write_text(variables)
        provider = Path(cache.tool(PROVIDER)).parent
        (folder / "terraform.rc").write_text(f'provider_installation {{\n  dev_overrides {{ "{SOURCE}" = "{provider}" }}\n  direct {{}}\n}}\n')
        settings = {"TF_CLI_CONFIG_FILE": str(folder / "terraform.rc"), "TF_VAR_security_group_id": neutron.security_group,
                    "TF_VAR_use_address_groups": str(by_group).lower(), **neutron.environment()}

        def terraform(*words):
            ran = subprocess.run([tf.program(), *words, "-no-color", "-input=false"], cwd=folder, env=tf.environment(settings),
                                 capture_output=True, text=True, check=False)
            return ran.returncode, tf.plain(ran.stdout + ran.stderr)

        code, said = terraform("apply", "-auto-approve")
        if code or "undeclared" in said:
            return [f"apply exits {code}: {said[-400:]}"]
        code, said = terraform("plan", "-detailed-exitcode")
        if code != NO_CHANGES:
            return [f"the second plan exits {code}: {said[-400:]}"]
        if by_group != bool(neutron.groups):
            return [f"{len(neutron.groups)} address groups"]
        return list(firewalls.differences(firewalls.inbound(rules, cluster), neutron.openings()))
