"""The pictures of ``docs/screens``: each is in the index, in every language, and all of them are small."""

import re
from pathlib import Path

import pytest

SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"
LANGUAGES = ("en", "ru", "uk")
MOST_BYTES = 10_000_000


def _pictures(language: str) -> set[str]:
    return {path.name for path in (SCREENS / language).glob("*")}


def test_the_index_and_the_folders_tell_of_the_same_pictures() -> None:
    linked = set(re.findall(r"\]\(([a-z]{2}/[^)]+)\)", (SCREENS / "README.md").read_text()))
    assert linked == {f"{one}/{name}" for one in LANGUAGES for name in _pictures(one)}
    assert linked


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_language_has_every_picture(language: str) -> None:
    assert _pictures(language) == _pictures("en")


def test_together_they_are_small() -> None:
    assert sum(path.stat().st_size for path in SCREENS.rglob("*.png")) < MOST_BYTES
