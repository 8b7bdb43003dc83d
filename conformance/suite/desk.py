"""The engineer's machine: a folder, a shell, meshgen, and a kubectl that leads to the clusters of a fleet.

Programs that change something (`WATCHED`) are started through a shim, which tells the judge before and after. So the judge counts,
kills at any place, refuses a restart that nobody needs, and lets the clusters work while a script waits for them.
"""

import contextlib
import json
import os
import shutil
import signal
import socketserver
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from suite import cache, outputs
from suite.apiserver import TOKEN

WATCHED = ("kubectl", "mv", "rm", "mkdir", "sleep")
SPOILT = ".spoilt.steps.sh"
CHANGING = ({"patch"}, {"apply"}, {"rollout", "restart"})


class Stopped(Exception):
    """A command did not end as it should."""


@dataclass
class Ran:
    code: int
    said: str
    commands: list = field(default_factory=list)

    @property
    def changes(self):
        """The commands that changed a cluster."""
        return [words for words in self.commands if changes(words)]

    @property
    def last(self):
        return ([""] + self.said.strip().splitlines())[-1]


class Desk:
    """`clusters` are Played, by name. `spoil` changes a script's text for its run: the judge's own tests break it so."""

    def __init__(self, folder, clusters, shell=("sh",), spoil=None):
        self.folder, self.clusters, self.shell, self.spoil = folder, clusters, shell, spoil
        self.restarts, self.faults, self.commands = [], [], []
        self.kill_at = self.watcher = None
        self.unreachable = set()
        self.lock = threading.Lock()
        self.home = Path(tempfile.mkdtemp(prefix="desk-"))
        self.work = folder / "walk"
        self.contexts = {name: name for name in clusters}

    def __enter__(self):
        shim = cache.tool("shim")
        (self.home / "bin").mkdir()
        for name in WATCHED:
            (self.home / "bin" / name).symlink_to(shim)
        self.write_kubeconfig()
        (self.home / "bin" / "meshgen").symlink_to(outputs.meshgen_binary().resolve())
        self.listener = socketserver.ThreadingUnixStreamServer(str(self.home / "socket"), self.handler())
        self.listener.daemon_threads = True
        threading.Thread(target=self.listener.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown()
        self.listener.server_close()
        shutil.rmtree(self.home, ignore_errors=True)

    def write_kubeconfig(self, path=None, contexts=None):
        """A kubeconfig with these contexts, each with the cluster that it leads to."""
        path, contexts = path or self.home / "kubeconfig", contexts or self.contexts
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": next(iter(contexts)),
            "clusters": [{"name": name, "cluster": {"server": f"https://127.0.0.1:{self.clusters[name].server.port}",
                                                    "insecure-skip-tls-verify": True}} for name in set(contexts.values())],
            "users": [{"name": "u", "user": {"token": TOKEN}}],
            "contexts": [{"name": context, "context": {"cluster": name, "user": "u"}} for context, name in contexts.items()],
        }))

    # Running

    def meshgen(self, *words):
        ran = subprocess.run([str(outputs.meshgen_binary()), *words], cwd=self.folder, capture_output=True, text=True, check=False,
                             env=self.environment())
        return Ran(ran.returncode, ran.stdout + ran.stderr)

    def script(self, name, *words, kill_at=None, environment=()):
        """A script of the output folder. `kill_at`: after its command with this number it is killed, and all that it started."""
        name = SPOILT if self.spoil and name == "steps.sh" else name
        return self.run([*self.shell, str(self.work / "out" / name), *words], kill_at, environment)

    def next(self, ran):
        """What a script has said is next, typed as it stands there."""
        command = ran.last.removeprefix("Next: ").rpartition("then: ")[2]
        return self.run([*self.shell, "-c", command.replace("/steps.sh", f"/{SPOILT}") if self.spoil else command])

    def run(self, command, kill_at=None, environment=()):
        self.commands, self.kill_at = [], kill_at
        with self.spoilt():
            self.process = subprocess.Popen(
                command, cwd=self.folder, env={**self.environment(), **dict(environment)},
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                start_new_session=True)
            said, _ = self.process.communicate(timeout=600)
        return Ran(self.process.returncode, said, self.commands)

    @contextlib.contextmanager
    def spoilt(self):
        """A spoilt copy of steps.sh stands beside it for as long as the `with` block runs: the file itself is meshgen's."""
        script, copy = self.work / "out" / "steps.sh", self.work / "out" / SPOILT
        if self.spoil and script.exists():
            copy.write_text(self.spoil(script.read_text()))
        yield
        copy.unlink(missing_ok=True)

    def environment(self):
        return {"PATH": f"{self.home / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8",
                "KUBECONFIG": str(self.home / "kubeconfig"), "ENGINEER_SOCKET": str(self.home / "socket")}

    # Watching

    def handler(self):
        desk = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has been killed
                    self.attend()

            def attend(self):
                with desk.lock:
                    number, answer = desk.begins(words := json.loads(self.rfile.readline()))
                self.wfile.write(json.dumps(answer).encode())
                if not answer.get("run"):
                    return
                if not self.rfile.readline():
                    return
                with desk.lock:
                    desk.ends(number, words)
                self.wfile.write(b"{}")

            def finish(self):
                try:
                    super().finish()
                except OSError:  # it has been killed
                    pass

        return Handler

    def begins(self, words):
        """The number of the command, and what the shim does."""
        self.commands.append(words)
        number = len(self.commands)
        if words[0] == "sleep":
            self.settle()
            self.ends(number, words)
            return number, {"code": 0}
        if words[0] != "kubectl":
            return number, {"run": shutil.which(words[0], path="/usr/bin:/bin")}
        cluster = self.cluster_of(words)
        if cluster is None:
            return number, {"run": cache.tool("kubectl")}
        if cluster.name in self.unreachable:
            return number, {"err": "Unable to connect to the server: dial tcp: i/o timeout\n", "code": 1}
        if "exec" in words:
            return number, {"out": "all reachable\n", "code": 0}
        if "wait" in words:
            cluster.settle()
        elif "status" in words:
            cluster.workloads()  # KKP takes its time: only who waits for it may rely on it
            cluster.somebody_deploys()
        if "restart" in words:
            self.judge_restart(cluster, words)
        return number, {"run": cache.tool("kubectl")}

    def ends(self, number, words):
        if self.watcher:
            self.watcher(number, words)
        if self.kill_at == number:
            os.killpg(self.process.pid, signal.SIGKILL)

    def judge_restart(self, cluster, words):
        namespace = words[words.index("-n") + 1]
        for what in words[words.index("restart") + 1:]:
            kind, _, name = what.partition("/")
            kind = next(known for known in ("DaemonSet", "Deployment", "StatefulSet") if known.lower() == kind.lower())
            if not cluster.needs_restart(kind, namespace, name):
                self.faults.append(f"{cluster.name}: {kind} {namespace}/{name} is restarted without need")
            self.restarts.append((cluster.name, f"{kind}/{namespace}/{name}"))

    def cluster_of(self, words):
        """The cluster that a kubectl command reaches."""
        options = {option: words[at + 1] for at, option in enumerate(words[:-1]) if option in ("--context", "--kubeconfig")}
        try:
            config = json.loads(Path(self.folder, options.get("--kubeconfig", self.home / "kubeconfig")).read_text())
        except OSError:
            return None
        context = options.get("--context", config["current-context"])
        name = next((one["context"]["cluster"] for one in config["contexts"] if one["name"] == context), None)
        return self.clusters.get(name)

    def settle(self):
        for cluster in self.clusters.values():
            cluster.settle()


def changes(words):
    return words[0] == "kubectl" and any(change <= set(words) for change in CHANGING)


def contents(folder):
    """Every file below a folder, with what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
