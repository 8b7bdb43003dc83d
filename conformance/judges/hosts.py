"""ufw and firewalld, each with its own program in a network namespace for every node: what rules.json lists for the nodes' own
addresses passes, nothing else does, and a second application changes nothing.

Their packages are unpacked and not installed, so that no firewall starts on this machine.
"""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from judges import packets
from suite import cache, cases, firewalls, goyaml, outputs, parallel
from suite.report import Verdict, skipped


POLICY = "policies/cluster-mesh.xml"


def run(options):
    cache.tool("nft")
    cache.tool("iptables-restore")
    for kind in (Ufw, Firewalld):
        try:
            tool = kind.found()
            yield from verdicts(tool)
        except cache.Unavailable as why:
            yield skipped(kind.name, why)


def verdicts(tool):
    with_packets = sorted(cases.CASES.glob("firewall-*/mesh.yaml"))
    for mesh_file in with_packets:
        nodes = packets.nodes_of(goyaml.load_yaml(mesh_file.read_text()))
        try:
            texts = {node.cluster: tool.form(mesh_file, node.cluster) for node in nodes}
            faults = judge(tool, nodes, firewalls.rules(mesh_file), texts)
        except outputs.Failed as failed:
            faults = [str(failed)]
        yield Verdict.of(f"{tool.name}: packets of {firewalls.name(mesh_file)}", faults)
    others = [mesh_file for mesh_file in firewalls.meshes() if mesh_file not in with_packets]
    for mesh_file, faults in zip(others, parallel.each(functools.partial(reads_one, tool), others)):
        yield Verdict.of(f"{tool.name}: a cluster of {firewalls.name(mesh_file)}", faults)


def reads_one(tool, mesh_file):
    """What is wrong with the form of a mesh's first cluster."""
    try:
        return tool.reads(tool.form(mesh_file, firewalls.clusters(mesh_file)[0]))
    except outputs.Failed as failed:
        return [str(failed)]


def judge(tool, nodes, rules, texts):
    """The faults of the texts, by cluster."""
    own = {node.cluster: node.addresses for node in nodes}

    def put(node, namespace):
        with tempfile.TemporaryDirectory() as folder:
            faults = tool.put(texts[node.cluster], namespace, Path(folder))
        return f"{node.cluster}: {'; '.join(faults)}" if faults else None

    def wanted(probe):
        if tool.lets_echo_in and probe["protocol"] in firewalls.ECHO.values():
            return True
        return probe["to"] in own[probe["target"]] and any(packets.permits(rule, probe) for rule in rules)

    return packets.trial(nodes, rules, put, wanted)


@dataclass
class Ufw:
    """ufw takes other folders than /etc for its own; it keeps rules as files and as iptables."""

    package: Path
    name = "ufw"
    lets_echo_in = True  # its before.rules let everybody's echo requests in

    @classmethod
    def found(cls):
        return cls(cache.unpacked("ufw"))

    def form(self, mesh_file, cluster):
        return firewalls.form(mesh_file, self.name, cluster)

    def reads(self, text):
        """What is wrong with a script, without a firewall: run twice, the files must stay."""
        with tempfile.TemporaryDirectory() as folder:
            home = self.home(Path(folder))
            faults = self.runs(home, text, ())
            before = self.files(home)
            return faults or self.runs(home, text, ()) or self.changed(before, self.files(home))

    def put(self, text, namespace, folder):
        """Runs the script, switches ufw on, and runs it again."""
        home = self.home(folder)
        inside = namespace.command()
        if faults := self.runs(home, text, inside) or self.runs(home, "ufw --force enable\n", inside):
            return faults
        before = self.files(home) + self.filters(namespace)
        return self.runs(home, text, inside) or self.changed(before, self.files(home) + self.filters(namespace))

    def home(self, folder):
        """Folders as an installation leaves them."""
        home = folder / "ufw"
        for part in ("etc/ufw", "etc/default", "lib/ufw", "usr/share/ufw"):
            shutil.copytree(self.package / part, home / part)
        for template in (*home.glob("usr/share/ufw/iptables/*.rules"), *home.glob("usr/share/ufw/*.init"), home / "usr/share/ufw/ufw.conf"):
            shutil.copy(template, home / "etc" / "ufw")
        with open(home / "etc" / "default" / "ufw", "a", encoding="utf-8") as defaults:
            defaults.write("IPT_SYSCTL=\n")  # not this machine's
        program = home / "bin" / "ufw"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nPYTHONPATH={self.package}/usr/lib/python3/dist-packages '
                           f'exec {sys.executable} {self.package}/usr/sbin/ufw --rootdir={home} --datadir={home} "$@"\n')
        program.chmod(0o755)
        return home

    @staticmethod
    def runs(home, text, inside):
        script = home / "script"
        script.write_text(text)
        path = f"{home}/bin:/usr/sbin:/sbin:{os.environ['PATH']}"
        ran = subprocess.run([*inside, "sh", script], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
        said = [line for line in ran.stderr.splitlines() if not line.startswith("WARN:")]  # of folders that others may write
        return said[-3:] or [f"exit {ran.returncode}"] if ran.returncode else []

    @staticmethod
    def files(home):
        return [(home / "etc" / "ufw" / name).read_text() for name in ("user.rules", "user6.rules")]

    @staticmethod
    def filters(namespace):
        return ["\n".join(line for line in namespace.run(cache.system_tool(f"{name}-save")).stdout.splitlines() if line.startswith("-"))
                for name in ("iptables", "ip6tables")]

    @staticmethod
    def changed(before, after):
        return [] if before == after else ["run again it changes the rules"]


@dataclass
class Firewalld:
    """firewalld's checker, which exits 0 whatever it finds, and its engine."""

    package: Path
    python: str
    name = "firewalld"
    lets_echo_in = False

    @classmethod
    def found(cls):
        return cls(cache.unpacked("firewalld"), cache.system_python("firewall.core.fw", "python3-firewall", "python3-nftables"))

    def form(self, mesh_file, cluster):
        """The policy and the sets that it names, by their places."""
        policy = firewalls.form(mesh_file, self.name, cluster)
        sets = [name for name in ("cluster-mesh-ipv4", "cluster-mesh-ipv6") if f'ipset="{name}"' in policy]
        forms = {f"ipsets/{name}.xml": firewalls.form(mesh_file, name.replace("cluster-mesh", self.name), cluster) for name in sets}
        return {POLICY: policy, **forms}

    @property
    def defaults(self):
        return self.package / "usr" / "lib" / "firewalld"

    def reads(self, text):
        with tempfile.TemporaryDirectory() as folder:
            return self.checks(self.config(text, Path(folder)))

    def put(self, text, namespace, folder):
        config = self.config(text, folder)
        return self.checks(config) or self.starts(config, namespace)

    def config(self, text, folder):
        """The policy beside a configuration whose zone lets nothing in."""
        config = folder / "firewalld"
        for name, content in (text if isinstance(text, dict) else {POLICY: text}).items():
            (config / name).parent.mkdir(parents=True, exist_ok=True)
            (config / name).write_text(content)
        settings = (self.package / "etc" / "firewalld" / "firewalld.conf").read_text()
        (config / "firewalld.conf").write_text(settings.replace("DefaultZone=public", "DefaultZone=drop"))
        return config

    def checks(self, config):
        program = self.package / "usr" / "bin" / "firewall-offline-cmd"
        command = [self.python, program, "--default-config", self.defaults, "--system-config", config, "--check-config"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        said = [line for line in (ran.stdout + ran.stderr).splitlines() if line.strip() and line.strip() != "success"]
        return said[-3:] or [f"exit {ran.returncode}"] if said or ran.returncode else []

    def starts(self, config, namespace):
        ran = namespace.run(self.python, cases.HERE / "suite" / "firewalld.py", self.defaults, config, check=False)
        return [(ran.stderr.strip() or ran.stdout.strip())[-300:]] if ran.returncode else []
