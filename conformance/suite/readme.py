"""The README's walk, as a person types it."""

import re

from suite.cases import HERE

NUMBERS = "zero one two three four five six seven eight nine ten".split()


def walk():
    """(how many commands the README says, its lines up to the finished mesh)."""
    text = (HERE.parent / "README.md").read_text()
    section = text.partition("## From nothing to a running mesh\n")[2].partition("\n## ")[0]
    said = NUMBERS.index(section.split()[0].lower())
    lines = [line.strip() for line in section.splitlines() if re.match(" {4,}(meshgen|sh) ", line)]
    end = max(at for at, line in enumerate(lines) if line.startswith("sh ")) + 1
    return said, lines[:end]


def one_pass():
    """The commands of its second walk."""
    section = (HERE.parent / "README.md").read_text().partition("## One pass\n")[2].partition("\n## ")[0]
    return [line.strip() for line in section.splitlines() if re.match(" {4,}(meshgen|sh) ", line)]
