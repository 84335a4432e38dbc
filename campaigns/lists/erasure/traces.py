"""Traces: what names a person inside texts, filters and other JSON, and the same without it. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import phonenumbers

from campaigns.filter_words import LISTS, Op
from campaigns.lists.erasure.subject import Subject, bare_digits
from campaigns.lists.erasure.subject_key import mark_of

#: Takes the place of a name.
ERASED = "[erased]"
#: Between the digits of a number as people write it: blanks, brackets, dashes, dots.
_BETWEEN = r"[^0-9A-Za-z\u0400-\u04ff,;:]{0,3}"
#: Shorter parts of a name are initials and particles.
_LEAST_NAME = 3
#: What people wrote themselves, among the facts of a receipt or of the audit log.
_FREE_TEXTS = frozenset({"proof", "reason", "note"})
#: Operators with which a filter names one key; the others speak of many persons.
_NAMING = frozenset({Op.IS, Op.IS_NOT}) | LISTS
#: Fits nobody in a comparison of numbers, where a mark would not be understood.
_NO_NUMBER = 0


class Traces:
    """Knows a person again. Numbers and keys give way to their marks, the same for the same one."""

    def __init__(self, subject: Subject) -> None:
        """Know the subject by numbers, keys and names."""
        key = subject.key
        self._numbers = [(_dressed(one), mark_of(key, one)) for one in subject.numbers]
        self._keys = {one: mark_of(key, one) for one in subject.keys}
        self._key_words = [(_words([one]), mark) for one, mark in self._keys.items()]
        names = set(subject.names) | {
            part for name in subject.names for part in name.split() if len(part) >= _LEAST_NAME
        }
        self._names = _words(sorted(names, key=len, reverse=True)) if names else None

    def unnumbered(self, text: str) -> str:
        """Return a text without the person's numbers, in whatever dress."""
        for pattern, mark in self._numbers:
            text = pattern.sub(mark, text)
        return text

    def unnamed(self, text: str) -> str:
        """Return what was written about the person without numbers, keys and names."""
        text = self.unnumbered(text)
        for pattern, mark in self._key_words:
            text = pattern.sub(mark, text)
        return self._names.sub(ERASED, text) if self._names else text

    def without(self, value: Any, *, own: bool = False) -> Any:
        """Return JSON without what names the person; ``own``: it was written about the person.

        Filters in it stay filters: who is gone fits none of them.
        """
        match value:
            case str():
                return self.unnumbered(value)
            case {"field": str(), "op": str(), "value": said}:
                return {**value, "value": self._operand(value, said)}
            case dict():
                return {name: self._fact(name, said, own) for name, said in value.items()}
            case list():
                return [self.without(one, own=own) for one in value]
            case _:
                return value

    def _fact(self, name: str, said: Any, own: bool) -> Any:
        if own and name in _FREE_TEXTS and isinstance(said, str):
            return self.unnamed(said)
        return self.without(said, own=own)

    def _operand(self, condition: Mapping[str, Any], said: Any) -> Any:
        if isinstance(said, list):
            return [self._operand(condition, one) for one in said]
        if isinstance(said, bool) or not isinstance(said, str | int | float):
            return said
        plain = str(said)
        by_key = condition["field"] == "external_key" and condition["op"] in _NAMING
        found = self._keys.get(plain, plain) if by_key else self.unnumbered(plain)
        if found == plain:
            return said
        is_number = condition.get("as") == "number" or not isinstance(said, str)
        return _NO_NUMBER if is_number else found


def _dressed(e164: str) -> re.Pattern[str]:
    """Return what finds a number however it is written, with its country code or without."""
    digits = bare_digits(e164)
    written = _BETWEEN.join(digits)
    country = str(phonenumbers.parse(e164).country_code)
    if digits == e164[1:]:  # short: looked for with its country code only
        return re.compile(rf"\+?{written}")
    return re.compile(rf"(?:\+?{country}{_BETWEEN})?{written}")


def _words(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds the words, standing alone."""
    alternatives = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])", re.IGNORECASE)
