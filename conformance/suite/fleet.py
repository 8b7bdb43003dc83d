"""Real API servers, one for each cluster of a mesh, on one etcd: each has a prefix of its own there.

`save` and `restore` copy what the clusters hold out of etcd and back, so that many runs can start from one state.
"""

import base64
import http.client
import json
import subprocess
import time

from suite import cache, crd, pki
from suite.api import Api, Refused
from suite.apiserver import TOKEN, free_port

# What a story changes, by its place in etcd. Leases and the like stay as they are.
KEPT = ("apps.kubermatic.k8c.io", "cilium.io", "kubermatic.k8c.io", "secrets", "configmaps", "pods", "services", "ipaddresses",
        "deployments", "daemonsets", "statefulsets", "replicasets", "minions")


class Fleet:
    def __init__(self, folder, size):
        self.folder, self.size = folder, size
        self.processes = []
        self.servers = []

    def __enter__(self):
        etcd = cache.tool("etcd")
        cache.tool("kube-apiserver"), cache.tool("kubectl")
        self.etcd_port, peer = free_port(), free_port()
        (self.folder / "sa.key").write_bytes(pki.issue_ca()[1])
        (self.folder / "tokens.csv").write_text(f"{TOKEN},admin,1,system:masters\n")
        try:
            self.start("etcd", [
                etcd, "--data-dir", self.folder / "etcd", "--listen-client-urls", f"http://127.0.0.1:{self.etcd_port}",
                "--advertise-client-urls", f"http://127.0.0.1:{self.etcd_port}", "--listen-peer-urls", f"http://127.0.0.1:{peer}",
                "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}", "--initial-cluster", f"default=http://127.0.0.1:{peer}",
                "--unsafe-no-fsync" if supports(etcd, "unsafe-no-fsync") else "--snapshot-count=100000",
            ])
            self.servers = [self.start_server(number) for number in range(1, self.size + 1)]
            for number, server in enumerate(self.servers, 1):
                wait_for(lambda: answers(server), f"API server {number}", 120)
                wait_for(lambda: has_its_own(server), f"what API server {number} makes by itself", 60)
                server.create("CustomResourceDefinition", None, ENDPOINTS)
        except BaseException:
            self.__exit__()
            raise
        self.etcd = http.client.HTTPConnection("127.0.0.1", self.etcd_port, timeout=30)
        self.empty = self.save()
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def start(self, name, command):
        with open(self.folder / f"{name}.log", "wb") as log:
            self.processes.append(subprocess.Popen([str(word) for word in command], stdout=log, stderr=log))

    def start_server(self, number):
        port = free_port()
        self.start(f"apiserver-{number}", [
            cache.tool("kube-apiserver"), "--etcd-servers", f"http://127.0.0.1:{self.etcd_port}", "--etcd-prefix", f"/{number}",
            "--secure-port", port, "--bind-address", "127.0.0.1", "--cert-dir", self.folder / f"certs-{number}",
            "--service-account-issuer", "https://conformance.invalid", "--service-account-key-file", self.folder / "sa.key",
            "--service-account-signing-key-file", self.folder / "sa.key", "--token-auth-file", self.folder / "tokens.csv",
            "--authorization-mode", "AlwaysAllow", "--service-cluster-ip-range", "10.0.0.0/24", "--watch-cache=false",
            "--disable-admission-plugins", "ServiceAccount", "--endpoint-reconciler-type", "none", "--profiling=false",
        ])
        return Api(port, TOKEN)

    def install(self, number, release):
        """KKP's CRD of this release, served."""
        definition = crd.definition(release)
        server = self.servers[number - 1]
        server.put("CustomResourceDefinition", None, definition["metadata"]["name"], spec=definition["spec"])
        wait_for(lambda: not fails(lambda: server.all("ApplicationInstallation")), "the CRD", 30)

    # What the clusters hold

    def ask(self, call, body):
        self.etcd.request("POST", f"/v3/kv/{call}", json.dumps(body))
        answer = self.etcd.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"etcd: {text[:300]}")
        return json.loads(text)

    @staticmethod
    def owner(key):
        """The number of the cluster that a key of `save` is of."""
        return int(base64.b64decode(key).split(b"/")[1])

    def save(self):
        held = {}
        for number in range(1, self.size + 1):
            for kind in KEPT:
                first = f"/{number}/{kind}/".encode()
                found = self.ask("range", {"key": encoded(first), "range_end": encoded(first[:-1] + b"0")})
                held |= {pair["key"]: pair["value"] for pair in found.get("kvs", [])}
        return held

    def restore(self, wanted):
        now = self.save()
        for key in now.keys() - wanted.keys():
            self.ask("deleterange", {"key": key})
        for key, value in wanted.items():
            if now.get(key) != value:
                self.ask("put", {"key": key, "value": value})


def encoded(data):
    return base64.b64encode(data).decode()


def supports(program, option):
    return option in subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout


def fails(call):
    try:
        call()
    except (OSError, Refused, http.client.HTTPException):
        return True
    return False


def answers(server):
    return not fails(lambda: server.call("GET", "/api/v1/namespaces/kube-system"))


def has_its_own(server):
    """Whether the server has made its own objects. It makes them within 10 s, and again when they are gone: a state saved before
    that, and restored, would have them appear in the midst of a story."""
    tracking = "kube-apiserver-legacy-service-account-token-tracking"
    return server.get("Service", "default", "kubernetes") and server.get("ConfigMap", "kube-system", tracking)


def wait_for(holds, what, seconds):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise cache.Unavailable(f"{what} did not come up within {seconds} s")
        time.sleep(0.2)


ENDPOINTS = {
    "metadata": {"name": "ciliumendpoints.cilium.io"},
    "spec": {
        "group": "cilium.io",
        "names": {"kind": "CiliumEndpoint", "listKind": "CiliumEndpointList", "plural": "ciliumendpoints", "singular": "ciliumendpoint"},
        "scope": "Namespaced",
        "versions": [{"name": "v2", "served": True, "storage": True, "schema": {
            "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}],
    },
}
