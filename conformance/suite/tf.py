"""Terraform for the modules of firewalls: without `init`, since what they need is not in its registry here."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from suite import cache, cases, outputs

MODULES = cases.HERE.parent / "fixtures"


def program():
    names = [os.environ["MESHGEN_TERRAFORM"]] if os.environ.get("MESHGEN_TERRAFORM") else ["terraform", "tofu"]
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise cache.Unavailable(f"no {' or '.join(names)}; MESHGEN_TERRAFORM may name one")
    return found


def environment(more):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return {**clean, "CHECKPOINT_DISABLE": "1", **more}


def evaluated(module, variables, expression):
    """What an expression of a module comes to, for variables as a file: the module's resources, and so its provider, are left out."""
    text = re.sub(r"^resource .*?^}\n", "", module, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^  required_providers .*?^  }\n", "", text, flags=re.MULTILINE | re.DOTALL)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text(text)
        (Path(folder) / "firewall.auto.tfvars.json").write_text(variables)
        (Path(folder) / "terraform.rc").touch()
        ran = subprocess.run([program(), "console"], cwd=folder, input=f"jsonencode({expression})\n", capture_output=True, text=True, check=False,
                             env=environment({"TF_VAR_security_group_id": "group", "TF_CLI_CONFIG_FILE": f"{folder}/terraform.rc"}))
    if ran.returncode:
        raise outputs.Failed(plain(ran.stderr)[:400])
    return json.loads(json.loads(ran.stdout))


def plain(text):
    """What Terraform says, without colours, frames and line breaks."""
    return " ".join(re.sub(r"\x1b\[\d*m|[│╷╵]", "", text).split())
