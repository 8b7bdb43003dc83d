"""Network namespaces that are gone when the `with` block ends."""

import os
import subprocess
import uuid

from suite import cache


class Namespace:
    def __init__(self):
        self.name = f"meshgen-{uuid.uuid4().hex[:8]}"

    def __enter__(self):
        if os.geteuid():
            raise cache.Unavailable("network namespaces need root")
        try:
            ip("netns", "add", self.name)
        except subprocess.CalledProcessError as error:
            raise cache.Unavailable(f"no network namespaces here: {error.stderr.strip()}") from error
        self.run("ip", "link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        ip("netns", "delete", self.name)

    def command(self, *words):
        return [cache.tool("ip"), "netns", "exec", self.name, *map(str, words)]

    def run(self, *words, stdin=None, check=True):
        return subprocess.run(self.command(*words), input=stdin, capture_output=True, text=True, check=check)


def ip(*words):
    return subprocess.run([cache.tool("ip"), *words], capture_output=True, text=True, check=True)
