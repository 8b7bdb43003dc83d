"""A KKP user cluster as far as Helm, the certificate Job and the mesh pods can tell: Secrets, ConfigMaps, who owns them.

`Cluster.upgrade` applies a rendered chart the way `helm upgrade --wait` on KKP does and returns what would go wrong; afterwards
`mounted` shows the files that a container finds.
"""

import base64
import copy
from dataclasses import dataclass, field

import yaml

from suite import pki

JOB = "clustermesh-apiserver-generate-certs"
MADE_BY_HUBBLE = ("hubble-server-certs", "hubble-relay-client-certs")


class Broken(Exception):
    """Something in the rendered objects that would not work in a cluster."""


def by_kind_and_name(manifests):
    return {(one["kind"], one["metadata"]["name"]): one for one in manifests}


def content(manifest):
    data = {key: base64.b64decode(value) for key, value in (manifest.get("data") or {}).items()} \
        if manifest["kind"] == "Secret" else {key: value.encode() for key, value in (manifest.get("data") or {}).items()}
    return data | {key: value.encode() for key, value in (manifest.get("stringData") or {}).items()}


@dataclass
class Cluster:
    """`objects` are those that exist and hold data; `helms` those that the Helm release owns."""

    objects: dict = field(default_factory=dict)
    helms: set = field(default_factory=set)
    jobs_done: set = field(default_factory=set)
    release: dict = field(default_factory=dict)

    @classmethod
    def born(cls, ca, helm_owns_ca=False):
        """As KKP makes it: Hubble's certificate Job made the CA and its leaves, and Helm owns none of them (but a CA from the values)."""
        leaf = dict(zip(("tls.crt", "tls.key"), pki.issue(ca, "hubble")), **{"ca.crt": ca[0]})
        secrets = {("Secret", name): leaf for name in MADE_BY_HUBBLE}
        objects = {("Secret", "cilium-ca"): {"ca.crt": ca[0], "ca.key": ca[1]}} | secrets
        return cls(objects, {("Secret", "cilium-ca")} if helm_owns_ca else set())

    def copy(self):
        return copy.deepcopy(self)

    def apply_secret(self, manifest):
        self.objects["Secret", manifest["metadata"]["name"]] = content(manifest)

    def upgrade(self, manifests):
        """The faults of this upgrade, as sentences."""
        release = by_kind_and_name(manifests)
        faults = list(self.ownership(release))
        for key in self.helms - release.keys():
            self.objects.pop(key, None)
        self.helms = {key for key, one in release.items() if not is_hook(one)}
        self.release = release
        self.objects |= {key: content(one) for key, one in release.items() if key[0] in ("Secret", "ConfigMap")}
        jobs = [one for (kind, name), one in release.items() if kind == "Job" and name.startswith(JOB)]
        for job in (one for one in jobs if not is_hook(one)):
            if job["metadata"]["name"] not in self.jobs_done:
                self.run_certgen(job)
        hooks = [one for one in jobs if is_hook(one)]
        faults += [f"waits for itself: {fault}" for fault in self.stuck() if hooks]
        for job in hooks:
            self.run_certgen(job)
        return faults + [f"never starts: {fault}" for fault in self.missing_mounts()]

    def ownership(self, release):
        for key in sorted(release.keys() & self.objects.keys() - self.helms):
            yield f"Helm refuses to own the existing {key[0]} {key[1]}"
        for key in sorted(self.helms & self.objects.keys() - release.keys()):
            if key == ("Secret", "cilium-ca"):
                yield "Helm would delete the Secret cilium-ca"

    def stuck(self):
        """What keeps `--wait` from ending before a post-install hook may run."""
        deployment = self.release.get(("Deployment", "clustermesh-apiserver"))
        if deployment is None or not list(self.missing_mounts(only=deployment)):
            return
        rolling = deployment["spec"].get("strategy", {}).get("rollingUpdate", {})
        if rolling.get("maxUnavailable", 0) < deployment["spec"].get("replicas", 1):
            yield "clustermesh-apiserver needs the certificates of a hook that runs after it is ready (maxUnavailable too low)"

    def missing_mounts(self, only=None):
        for (kind, name), one in self.release.items():
            if kind not in ("Deployment", "DaemonSet") or (only is not None and one is not only):
                continue
            for volume in pod(one).get("volumes", []):
                for missing in self.files(volume)[1]:
                    yield f"{kind} {name} mounts {missing}, which does not exist"

    def files(self, volume):
        """({path: bytes}, [what a mandatory source lacks]) of a volume made of Secrets and ConfigMaps."""
        sources = volume.get("projected", {}).get("sources", [volume])
        found, missing = {}, []
        for source in sources:
            for field_, kind in (("secret", "Secret"), ("configMap", "ConfigMap")):
                if field_ not in source:
                    continue
                ref = source[field_]
                name = ref.get("secretName") or ref.get("name")
                data = self.objects.get((kind, name))
                if data is None:
                    if not ref.get("optional"):
                        missing.append(f"{kind} {name}")
                    continue
                for key, path in [(i["key"], i["path"]) for i in ref["items"]] if "items" in ref else [(k, k) for k in data]:
                    if key in data:
                        found[path] = data[key]
                    elif not ref.get("optional"):
                        missing.append(f"key {key} of {kind} {name}")
        return found, missing

    def mounted(self, workload, container_name, directory):
        """{absolute path: bytes} that a container finds below `directory`."""
        spec = pod(workload)
        container = next((one for one in spec["containers"] if one["name"] == container_name), None)
        if container is None:
            raise Broken(f"no container {container_name}")
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        out = {}
        for mount in container.get("volumeMounts", []):
            if mount["mountPath"].rstrip("/") == directory:
                out |= {f"{directory}/{path}": data for path, data in self.files(volumes[mount["name"]])[0].items()}
        return out

    def run_certgen(self, job):
        """What cilium-certgen does with these arguments: take or make the CA, issue new leaves."""
        self.jobs_done.add(job["metadata"]["name"])
        container = pod(job)["containers"][0]
        arguments = dict(one.removeprefix("--").partition("=")[::2] for one in container["args"])
        config = next((one["value"] for one in container.get("env", []) if one["name"] == "CILIUM_CERTGEN_CONFIG"), None)
        key = "Secret", arguments.get("ca-secret-name", "cilium-ca")
        ca = self.objects.get(key, {})
        if not ("ca.crt" in ca and "ca.key" in ca and pki.key_fits(ca["ca.crt"], ca["ca.key"])):
            ca = self.objects[key] = dict(zip(("ca.crt", "ca.key"), pki.issue_ca()))
        for name, common_name, hosts, usages in leaves_of_config(config) if config else leaves_of_flags(arguments):
            leaf = pki.issue((ca["ca.crt"], ca["ca.key"]), common_name, hosts, usages)
            self.objects["Secret", name] = dict(zip(("tls.crt", "tls.key"), leaf), **{"ca.crt": ca["ca.crt"]})


def leaves_of_config(config):
    for cert in yaml.safe_load(config)["certs"]:
        usages = [usage for usage in cert["usage"] if usage in pki.USAGES]
        yield cert["name"], cert["commonName"], cert.get("hosts", []), usages


def leaves_of_flags(flags):
    """certgen before 0.2: one flag per property, defaults for what is not given."""
    kinds = {
        "server": ("clustermesh-apiserver.cilium.io", "server auth"),
        "admin": ("root", "client auth"),
        "remote": ("remote", "client auth"),
        "client": ("externalworkload", "client auth"),
    }
    for kind, (common_name, usage) in kinds.items():
        prefix = f"clustermesh-apiserver-{kind}-cert"
        if f"{prefix}-generate" in flags:
            common_name = flags.get(f"{prefix}-common-name", common_name)
            hosts = []
            if kind == "server":
                hosts = [common_name, *flags.get(f"{prefix}-sans", "*.mesh.cilium.io").split(","), "127.0.0.1"]
            yield prefix, common_name, hosts, [usage]


def is_hook(manifest):
    return "helm.sh/hook" in (manifest["metadata"].get("annotations") or {})


def pod(workload):
    return workload["spec"]["template"]["spec"]


def flags_of(container):
    """The --name=value words of a container's command line."""
    words = [*container.get("command", []), *container.get("args", [])]
    return dict(word.removeprefix("--").partition("=")[::2] for word in words if str(word).startswith("--"))
