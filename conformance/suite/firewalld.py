"""Starts firewalld's own engine on a configuration, as the daemon does but without D-Bus, and reloads it: a program for Debian's Python.

`firewalld.py DEFAULTS CONFIG` leaves the rules in the network namespace that it runs in. What is wrong goes to standard error.
"""

import subprocess
import sys

from firewall import config

config.set_default_config_paths(sys.argv[1])
config.set_system_config_paths(sys.argv[2])

from firewall.core.fw import Firewall  # noqa: E402: it reads the paths when it is imported


def rules():
    return subprocess.run(["/usr/sbin/nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout


def main():
    engine = Firewall()
    engine.start()
    if engine.get_state() != "RUNNING":
        sys.exit(f"firewalld is {engine.get_state()}")
    before = rules()
    engine.reload()
    if rules() != before:
        sys.exit("a reload changes the rules")


main()
