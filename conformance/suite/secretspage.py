"""The blocks of docs/secrets.md."""

import collections
import re

from suite.cases import HERE

PAGE = HERE.parent / "docs" / "secrets.md"


def section(title):
    """The blocks of code below a heading, by language, in order."""
    text = PAGE.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    blocks = collections.defaultdict(list)
    for language, block in re.findall("```(\\w+)\n(.*?)```", text, re.DOTALL):
        blocks[language].append(block)
    return blocks
