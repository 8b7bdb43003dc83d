"""The objects of docs/gitops.md and docs/secrets.md before a real API server with the definitions of their controllers."""

import json
import re
import tempfile
from pathlib import Path

from suite import cache, goyaml
from suite.apiserver import Server
from suite.report import Verdict

PAGES = ("gitops.md", "secrets.md")
DEFINITIONS = (
    ("github.com/fluxcd/kustomize-controller@v1.10.1", "config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml"),
    ("github.com/argoproj/argo-cd/v3@v3.6.1", "manifests/crds/application-crd.yaml"),
    ("github.com/external-secrets/external-secrets@v1.3.2", "config/crds/bases/external-secrets.io_externalsecrets.yaml"),
)


def run(options):
    with tempfile.TemporaryDirectory() as folder, Controllers(Path(folder)) as server:
        for page in PAGES:
            for found in objects((cache.HERE.parent / "docs" / page).read_text()):
                yield Verdict.of(f"{page}: {found['kind']} {found['metadata']['name']}", refusal(server, found))


def objects(page):
    """The Kubernetes objects among the blocks of a page."""
    for block in re.findall("```yaml\n(.*?)```", page, re.DOTALL):
        found = goyaml.load_yaml(block)
        if "apiVersion" in found and "kind" in found:
            yield found


def refusal(server, found):
    """What the API server says against an object, unknown fields included."""
    ran = server.kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", stdin=json.dumps(found), check=False)
    return [ran.stderr.strip()] if ran.returncode else []


class Controllers(Server):
    """An API server with the definitions and namespaces that the objects need."""

    def __enter__(self):
        definitions = [cache.module(module) / path for module, path in DEFINITIONS]
        super().__enter__()
        for definition in definitions:
            self.kubectl("apply", "--server-side", "-f", str(definition))
        for namespace in ("argocd", "flux-system"):
            self.kubectl("create", "namespace", namespace)
        self.kubectl("wait", "crd", "--all", "--for=condition=Established", "--timeout=60s")
        return self
