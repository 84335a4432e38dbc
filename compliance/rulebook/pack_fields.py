"""One table of a rule pack, read key by key.

Strict on purpose: a misspelt key that is passed over would be a rule that binds nobody.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)

#: Any text with something in it.
SOMETHING = re.compile(r"(?s).*\S.*")
#: A name of our own making: a basis, a relation, a switch.
NAME = re.compile(r"[a-z0-9]+([_+-][a-z0-9]+)*")


class FieldError(ValueError):
    """A key of a pack is missing, unknown or senseless; the text names it."""


class Fields:
    """The keys of one TOML table: each is taken once, ``finish`` finds those nobody took.

    Every method raises ``FieldError`` with a sentence that names the key.
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        self._left = dict(table)
        self.remarks: list[str] = []  #: what the reading changed, for the note of the rule

    def has(self, key: str) -> bool:
        """Tell whether the key is there and was not taken yet."""
        return key in self._left

    def take(self, key: str) -> object:
        """Return the value as TOML has it."""
        if key not in self._left:
            raise FieldError(f"{key} is missing")
        return self._left.pop(key)

    def text(
        self, key: str, default: str | None = None, *, form: re.Pattern[str] = SOMETHING
    ) -> str:
        """Return a text of the given form; without a default it must be there."""
        if default is not None and not self.has(key):
            return default
        return _text(key, self.take(key), form)

    def texts(
        self,
        key: str,
        default: tuple[str, ...] | None = None,
        *,
        form: re.Pattern[str] = SOMETHING,
    ) -> tuple[str, ...]:
        """Return a list of different texts, at least one; without a default it must be there."""
        if default is not None and not self.has(key):
            return default
        texts = tuple(_text(key, value, form) for value in self._list(key))
        if len(set(texts)) < len(texts):
            raise FieldError(f"{key} says the same thing twice")
        return texts

    def whole(self, key: str, *, low: int = 1) -> int:
        """Return a whole number of at least ``low``."""
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise FieldError(f"{key} must be a whole number of at least {low}: {value!r}")
        return value

    def whole_or_none(self, key: str, *, low: int = 1) -> int | None:
        """Return a whole number of at least ``low``, None when the key is not there."""
        return self.whole(key, low=low) if self.has(key) else None

    def number(self, key: str, *, low: float = 0.0, high: float) -> float:
        """Return a number from ``low`` to ``high``, both included."""
        value = self.take(key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise FieldError(f"{key} must be a number: {value!r}")
        if not low <= value <= high:  # also catches nan
            raise FieldError(f"{key} must lie between {low:g} and {high:g}: {value!r}")
        return float(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false; without a default it must be there."""
        if default is not None and not self.has(key):
            return default
        value = self.take(key)
        if not isinstance(value, bool):
            raise FieldError(f"{key} must be true or false: {value!r}")
        return value

    def day_or_none(self, key: str) -> date | None:
        """Return a TOML date, None when the key is not there."""
        return self.day(key) if self.has(key) else None

    def day(self, key: str) -> date:
        """Return a TOML date: year-month-day, no quotes."""
        value = self.take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise FieldError(f"{key} must be a date such as 2026-01-31, no quotes: {value!r}")
        return value

    def choice(self, key: str, kinds: type[E], default: E | None = None) -> E:
        """Return a member of ``kinds``; without a default it must be there."""
        if default is not None and not self.has(key):
            return default
        return _member(key, self.text(key), kinds)

    def choices(self, key: str, kinds: type[E]) -> frozenset[E]:
        """Return at least one member of ``kinds``."""
        return frozenset(_member(key, text, kinds) for text in self.texts(key))

    def one_of(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """Return one of the allowed texts; without a default it must be there."""
        text = self.text(key, default)
        if text not in allowed:
            raise FieldError(f"{key} must be one of {', '.join(allowed)}: {text!r}")
        return text

    def table(self, key: str) -> "Fields":
        """Return the fields of an inner table."""
        return _fields(key, self.take(key))

    def tables(self, key: str) -> "list[Fields]":
        """Return the fields of each of a list of tables, at least one."""
        return [_fields(key, value) for value in self._list(key)]

    def finish(self) -> None:
        """Refuse keys that nobody took."""
        if self._left:
            raise FieldError(f"unknown key: {', '.join(sorted(self._left))}")

    def _list(self, key: str) -> list[object]:
        value = self.take(key)
        if not isinstance(value, list) or not value:
            raise FieldError(f"{key} must be a list with something in it: {value!r}")
        return value


def _text(key: str, value: object, form: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise FieldError(f"{key} has a value that cannot be read: {value!r}")
    return value


def _member(key: str, text: str, kinds: type[E]) -> E:
    try:
        return kinds(text)
    except ValueError:
        known = ", ".join(sorted(kinds))
        raise FieldError(f"{key}: unknown {text!r}, known are {known}") from None


def _fields(key: str, value: object) -> Fields:
    if not isinstance(value, dict):
        raise FieldError(f"{key} must be a table: {value!r}")
    return Fields(value)
