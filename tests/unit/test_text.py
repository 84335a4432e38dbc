"""Text on its way to a column: what cannot be stored is refused, or taken out of names."""

import pytest
from pydantic import TypeAdapter, ValidationError

from campaigns.lists.staged.options import BadOptions, ImportOptions
from dialer.text import PlainJson, PlainText, cleaned

UNFIT = ("a\0b", "a\ud800b")


@pytest.mark.parametrize("unfit", UNFIT)
def test_what_cannot_be_stored_is_refused(unfit: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(PlainText).validate_python(unfit)
    for value in ({"a": [{"b": unfit}]}, {unfit: 1}):
        with pytest.raises(ValidationError):
            TypeAdapter(PlainJson).validate_python(value)
    for option in ({"sheet": unfit}, {"consent": {"kind": "written", "proof": unfit}}):
        with pytest.raises(BadOptions):
            ImportOptions.read({"region": "RU", **option})


def test_other_text_stays() -> None:
    text = "Анна\n\t😀 'x'"
    assert TypeAdapter(PlainText).validate_python(text) == text
    value = {"a": [1, None, {"b": text}]}
    assert TypeAdapter(PlainJson).validate_python(value) == value


def test_names_are_cleaned() -> None:
    assert cleaned("a\0b\ud800\r\n.csv ") == "ab.csv"
