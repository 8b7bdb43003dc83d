"""A real kube-apiserver on a real etcd, for as long as the `with` block runs."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time

from suite import cache, cases, pki

TOKEN = "conformance"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.kubeconfig = folder / "kubeconfig"

    def __enter__(self):
        etcd, apiserver, _ = cache.tool("etcd"), cache.tool("kube-apiserver"), cache.tool("kubectl")
        client, peer, secure = free_port(), free_port(), free_port()
        self.start([
            etcd, "--data-dir", self.folder / "etcd", "--listen-client-urls", f"http://127.0.0.1:{client}",
            "--advertise-client-urls", f"http://127.0.0.1:{client}", "--listen-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}", "--initial-cluster", f"default=http://127.0.0.1:{peer}",
        ])
        (self.folder / "sa.key").write_bytes(pki.issue_ca()[1])
        (self.folder / "tokens.csv").write_text(f"{TOKEN},admin,1,system:masters\n")
        self.start([
            apiserver, "--etcd-servers", f"http://127.0.0.1:{client}", "--secure-port", str(secure), "--bind-address", "127.0.0.1",
            "--cert-dir", self.folder / "certs", "--service-account-issuer", "https://conformance.invalid",
            "--service-account-key-file", self.folder / "sa.key", "--service-account-signing-key-file", self.folder / "sa.key",
            "--token-auth-file", self.folder / "tokens.csv", "--authorization-mode", "AlwaysAllow",
            "--service-cluster-ip-range", "10.0.0.0/24",
        ])
        self.write_kubeconfig(secure)
        self.wait_for(lambda: not self.kubectl("get", "namespace", "kube-system", check=False).returncode, "the API server", 90)
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:  # a watch that is still open keeps the API server for a minute
                process.kill()
                process.wait()

    def start(self, command):
        with open(self.folder / f"{os.path.basename(command[0])}.log", "wb") as log:
            self.processes.append(subprocess.Popen([str(word) for word in command], stdout=log, stderr=log))

    def write_kubeconfig(self, port):
        """One server under the name of every cluster's context: the commands that meshgen prints name theirs."""
        names = [cluster.name for cluster in cases.three_clusters("1.20.0")]
        self.kubeconfig.write_text(json.dumps({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}}],
            "users": [{"name": "u", "user": {"token": TOKEN}}],
            "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in names],
            "current-context": names[0],
        }))

    def environment(self):
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig), "PATH": f"{cache.BIN}:{os.environ['PATH']}"}

    def kubectl(self, *words, stdin=None, check=True):
        ran = subprocess.run([cache.tool("kubectl"), *words], input=stdin, env=self.environment(), capture_output=True, text=True,
                             check=False)
        if check and ran.returncode:
            raise RuntimeError(f"kubectl {' '.join(words)[:120]}: {ran.stderr.strip()}")
        return ran

    def shell(self, command, folder):
        """A command as a person would paste it, in the output folder."""
        return subprocess.run(command, shell=True, executable=shutil.which("bash"), cwd=folder, env=self.environment(),
                              capture_output=True, text=True, timeout=120, check=False)

    def background(self, command, folder):
        """The same, while other things happen."""
        return Background(subprocess.Popen(command, shell=True, executable=shutil.which("bash"), cwd=folder, env=self.environment(),
                                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True))

    def wait_for(self, holds, what, seconds):
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise cache.Unavailable(f"{what} did not come up within {seconds} s")
            time.sleep(0.3)


class Background:
    """A pasted command that still runs; the `with` block ends it, and what it started."""

    def __init__(self, process):
        self.process = process

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()

    def ends_within(self, seconds):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True
