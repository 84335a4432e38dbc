"""What applying a campaign's file would change: pure, and told in lines that people read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.setup.file_shape import CampaignFile, DispositionLine


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would change."""

    path: str
    before: Any  #: None: it is new
    after: Any  #: None: it goes
    loosens: bool = False  #: a setting of law: a second person is asked

    def __str__(self) -> str:
        """Return the change in one line."""
        mark = "+" if self.before is None else "-" if self.after is None else "~"
        both = self.before is not None and self.after is not None
        said = f"{_short(self.before)} -> {_short(self.after)}" if both else ""
        said = said or _short(self.before if self.after is None else self.after)
        return f"{mark} {self.path}: {said}{'  (loosens a setting of law)' if self.loosens else ''}"


def _short(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign as it is, in the file's words; all None and empty: there is none yet."""

    settings: Mapping[str, Any]  #: complete, as JSON
    trunk: str | None = None
    caller_id: str | None = None
    caller_ids: Sequence[str] = ()
    lists: Sequence[str] = ()
    dispositions: Sequence[DispositionLine] = ()
    kept_codes: frozenset[str] = frozenset()  #: dispositions that cannot be removed


def differences_of(
    now: Standing, wanted: CampaignFile, settings: Mapping[str, Any], loosened: Sequence[str] = ()
) -> list[Change]:
    """Return what would change, in the order of the file; empty: nothing.

    ``settings`` are the complete settings that the file asks for, as JSON.
    """
    found: list[Change] = []
    for name in ("trunk", "caller_id"):
        after = getattr(wanted, name)
        if after is not None and after != getattr(now, name):
            found.append(Change(name, getattr(now, name), after, loosens=name in loosened))
    pool = wanted.caller_ids
    if pool is not None and sorted(pool) != sorted(now.caller_ids):
        found.append(Change("caller_ids", sorted(now.caller_ids) or None, sorted(pool)))
    found += [
        Change(f"lists.{name}", None, "is dialled")
        for name in wanted.lists or ()
        if name not in now.lists
    ]
    found += _dispositions(now, wanted.dispositions)
    found += [
        Change(f"settings.{name}", now.settings.get(name), value, loosens=name in loosened)
        for name, value in settings.items()
        if now.settings.get(name) != value
    ]
    return found


def _dispositions(now: Standing, wanted: Sequence[DispositionLine] | None) -> list[Change]:
    if wanted is None:
        return []
    before = {line.code: _facts(line, place) for place, line in enumerate(now.dispositions)}
    after = {line.code: _facts(line, place) for place, line in enumerate(wanted)}
    found = [
        Change(f"dispositions.{code}", before.get(code), facts)
        for code, facts in after.items()
        if before.get(code) != facts
    ]
    gone = [code for code in before if code not in after and code not in now.kept_codes]
    return found + [Change(f"dispositions.{code}", before[code], None) for code in gone]


def _facts(line: DispositionLine, place: int) -> dict[str, Any]:
    """Return what a disposition says that is not its start value, and its place."""
    given = line.model_dump(exclude={"code", "position"}, exclude_defaults=True)
    return {**given, "position": place}
