"""Reads one pack file: a heading and rows. Strict, because a row that is not understood binds nobody."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from compliance.rulebook.pack_fields import NAME, FieldError, Fields
from compliance.rulebook.pack_terms import READERS
from compliance.rulebook.rules import Channel, Party, Purpose, Rule, RuleKind
from dialer.errors import Invalid

#: The form of pack this program understands.
SCHEMA = 1

#: How IANA names a release: the year, then letters.
TZDATA_FORM = re.compile(r"[0-9]{4}[a-z]+")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_JURISDICTION = re.compile(r"\*|[A-Z]{2}(-[A-Z0-9]{1,3})?")
_URL = re.compile(r"https?://\S+")  # it becomes a link on a page: no other scheme
_EVIDENCE = ("source-seen", "prior-knowledge")
_STATUSES = ("law", "bill")


class PackError(Invalid):
    """A rule pack cannot be used; without its rules nothing may be dialled."""

    code = "rule_pack"
    message = "A rule pack cannot be used."

    def __init__(self, file: str, problem: str, rule: str = "") -> None:
        """Say which file, which rule (its id, or its place in the file) and what is wrong."""
        where = f"{file}, rule {rule}" if rule else file
        super().__init__(f"{where}: {problem}", file=file, rule=rule, problem=problem)


@dataclass(frozen=True, slots=True)
class Pack:
    """One file: what it speaks of, how old it is, and its rows."""

    file: str  #: without the folder
    compiled: date  #: the day the rows were checked
    tzdata_min: str  #: the oldest IANA release with the clocks the rows rely on, e.g. ``2026f``
    jurisdiction: str  #: every row is of it or below it; ``*`` = rows of any
    rules: tuple[Rule, ...]


def read_pack(path: Path) -> Pack:
    """Read and check one pack file.

    Raises:
        PackError: the file cannot be read, or something in it is unknown, missing or senseless.
    """
    try:
        return _pack(path.name, Fields(_toml(path)))
    except FieldError as error:
        raise PackError(path.name, str(error)) from error


def _toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FieldError(f"the file cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise FieldError(f"not TOML: {error}") from error


def _pack(file: str, heading: Fields) -> Pack:
    schema = heading.whole("schema")
    if schema != SCHEMA:
        raise FieldError(f"schema {schema} is not known, only {SCHEMA}")
    compiled = heading.day("compiled")
    tzdata_min = heading.text("tzdata_min", form=TZDATA_FORM)
    jurisdiction = heading.text("jurisdiction", form=_JURISDICTION)
    rows = heading.tables("rule")
    heading.finish()
    rules = [_row(file, place, row, jurisdiction) for place, row in enumerate(rows, start=1)]
    return Pack(file, compiled, tzdata_min, jurisdiction, tuple(rules))


def _row(file: str, place: int, row: Fields, within: str) -> Rule:
    rule_id = f"no. {place}"
    try:
        rule_id = row.text("id", form=_ID)
        return _rule(rule_id, row, within)
    except FieldError as error:
        raise PackError(file, str(error), rule_id) from error


def _rule(rule_id: str, row: Fields, within: str) -> Rule:
    kind = row.choice("kind", RuleKind)
    terms = READERS[kind](row)
    effective_from = row.day_or_none("effective_from")
    effective_to = row.day_or_none("effective_to")
    if effective_from and effective_to and effective_from >= effective_to:
        raise FieldError(f"effective_to {effective_to} must come after {effective_from}")
    rule = Rule(
        id=rule_id,
        jurisdiction=_jurisdiction(row, within),
        kind=kind,
        terms=terms,
        purposes=row.choices("purposes", Purpose),
        channels=row.choices("channels", Channel),
        parties=row.choices("party", Party),
        source=row.text("source"),
        verified=row.one_of("verified", _EVIDENCE),
        source_kind=row.text("source_kind", ""),
        url=row.text("url", "", form=_URL),
        note="; ".join([*filter(None, [row.text("note", "")]), *row.remarks]),
        effective_from=effective_from,
        effective_to=effective_to,
        lifted_by=frozenset(row.texts("lifted_by", (), form=NAME)),
        is_bill=row.one_of("status", _STATUSES, "law") == "bill",
    )
    row.finish()
    return rule


def _jurisdiction(row: Fields, within: str) -> str:
    own = row.text("jurisdiction", form=_JURISDICTION)
    if within not in ("*", own, own.partition("-")[0]):
        raise FieldError(f"jurisdiction {own} does not belong in a pack of {within}")
    return own
