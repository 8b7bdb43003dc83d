"""The same walk with another shell, with KKP's own kubeconfigs, and with names that need quoting."""

import shutil
import subprocess

HOSTILE = "it's $(touch pwned) `touch pwned`; \"x\" & \\ * #new"
UNPRINTABLE = ("\x1b[31mred", "line\nline", "a\x07b")


def default_contexts(walk):
    """A kubeconfig for each cluster, as KKP hands them out: the context in each is called `default`."""
    files = []
    for name in walk.clusters:
        walk.desk.write_kubeconfig(walk.desk.folder / f"{name}.kubeconfig", {"default": name})
        files += ["--kubeconfig", f"{name}.kubeconfig"]
    (walk.desk.home / "kubeconfig").write_text("{}")
    first = walk.story.members[0]
    walk.need(walk.desk.meshgen("init", "walk", *files, "--kkp", first.kkp, "--cilium", first.cilium))
    for path in walk.desk.folder.glob("*.kubeconfig"):
        shutil.copy(path, walk.desk.work)
    yield from to_the_end(walk)


def hostile_context(walk):
    """A context whose name holds quotes and substitutions. One with a line break or an escape sequence is refused."""
    walk.desk.contexts = {"cluster-1": "cluster-1", HOSTILE: "cluster-2"}
    walk.desk.write_kubeconfig()
    walk.need(walk.desk.meshgen("init", "walk", "--clusters", "cluster-1,cluster-2", "--kkp", "2.30.5", "--cilium", "1.18.10"))
    dumps = "dumps/it's $(touch pwned) here/"
    for name in UNPRINTABLE:
        walk.edit(lambda mesh: mesh["clusters"][1].update(context=HOSTILE + name))
        ran = walk.desk.meshgen("render", "walk/mesh.yaml", "-o", "walk/out")
        if ran.code != 1 or "format-invalid" not in ran.said or name in ran.said:
            yield f"a context with {name!r} is not refused, or garbles a terminal: {ran.said[-300:]}"
    walk.edit(lambda mesh: mesh["clusters"][1].update(context=HOSTILE, dumps=dumps))
    yield from to_the_end(walk)


def to_the_end(walk):
    walk.render()
    yield from shellcheck(walk)
    walk.need(walk.desk.script("dump.sh"))
    walk.render()
    yield from shellcheck(walk)
    said = walk.desk.script("steps.sh", "--dry-run").said
    if "\x1b" in said:
        yield "a terminal escape sequence is printed"
    walk.to_the_end()
    walk.once_more()
    yield from shellcheck(walk)
    yield from walk.all_faults()


def was_run(walk):
    """What shows that a name was run as a command."""
    for place in (walk.desk.folder, walk.desk.home):
        yield from (f"{path} was made" for path in place.rglob("pwned"))


def shellcheck(walk):
    if shutil.which("shellcheck"):
        for name in ("dump.sh", "steps.sh"):
            ran = subprocess.run(["shellcheck", walk.desk.work / "out" / name], capture_output=True, text=True, check=False)
            if ran.returncode:
                yield f"shellcheck refuses {name}: {ran.stdout[:600]}"


GUISES = {"contexts that are all called default": default_contexts, "a context with every character": hostile_context}
