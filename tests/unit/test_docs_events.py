"""docs/events.md shows every kind of event, in the version that is told."""

import json
import re

from campaigns.events.kinds import EventKind, version_of
from campaigns.events.telling import SUBJECTS
from dialer.settings import PROJECT_ROOT

_SECTION = re.compile(
    r"^### `([a-z_.]+)`\n\n(.+?)\n\n```json\n(.+?)\n```$", re.DOTALL | re.MULTILINE
)


def test_every_kind_has_words_and_an_example() -> None:
    page = (PROJECT_ROOT / "docs" / "events.md").read_text()
    shown = {kind: json.loads(example) for kind, _, example in _SECTION.findall(page)}
    assert set(shown) == {kind.value for kind in EventKind}
    for kind in EventKind:
        example = shown[kind.value]
        assert (example["type"], example["version"]) == (kind.value, version_of(kind))
        assert example["id"].endswith(f"_{example['position']}")
        assert SUBJECTS[kind.value.partition(".")[0]] in example["data"]
