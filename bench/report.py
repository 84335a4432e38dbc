"""Where figures are kept: a JSON file for each bench, and a section for each in the documentation."""

import json
import re
from typing import Any

from dialer.settings import PROJECT_ROOT

RESULTS = PROJECT_ROOT / "bench" / "results"
DOCUMENT = PROJECT_ROOT / "docs" / "benchmarks.md"

_INTRO = """# Benchmarks

Every table is written by its bench (`make bench`), with a baseline measured in the same run on the
same machine. The figures behind it are in `bench/results/`.
"""


def save(name: str, figures: dict[str, Any]) -> None:
    """Write the figures of a bench."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def write_section(name: str, markdown: str) -> None:
    """Put a section into the documentation, in the place of the one of this name if there is one."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    section = f"{begin}\n{markdown.strip()}\n{end}"
    known = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else _INTRO
    former = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if former.search(known):
        known = former.sub(lambda _: section, known)
    else:
        known = f"{known.rstrip()}\n\n{section}\n"
    DOCUMENT.write_text(known, encoding="utf-8")
