"""The rule book: the rows of every pack, checked together, and the question which of them apply.

There is no fallback: a process that cannot read its rules must not dial.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, time
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from compliance.rulebook.pack_reading import TZDATA_FORM, Pack, PackError, read_pack
from compliance.rulebook.rules import Channel, Party, Purpose, Rule
from dialer.errors import Invalid, NotFound

#: The packs that come with the program, one file a country.
PACKS = Path(__file__).parents[1] / "packs"

#: Which channels a row may name to bind a call. On a predictive call a person talks, as on a
#: hand-dialled one, after a machine chose and dialled: it owes what both owe. The hours of the
#: United States list ``human`` and ``automated`` only, and must bind it; so must a consent row of
#: Florida, which lists ``predictive`` but not ``human``. Rows on talking machines do not.
_BOUND_BY: Mapping[Channel, frozenset[Channel]] = MappingProxyType(
    {
        Channel.HUMAN: frozenset({Channel.HUMAN}),
        Channel.PREDICTIVE: frozenset({Channel.HUMAN, Channel.PREDICTIVE}),
        Channel.AUTOMATED: frozenset({Channel.AUTOMATED}),
    }
)

#: Answers remembered, over all books; one for each set of jurisdictions, kind of campaign and date.
_REMEMBERED = 4096


class RuleNotFound(NotFound):
    """No pack has a rule of this id."""

    code = "rule_not_found"
    message = "There is no rule with this id."


class StaleTimeZones(Invalid):
    """The time-zone data is older than the rules need: some clocks would be an hour wrong."""

    code = "stale_time_zones"
    message = "The time-zone data is too old for the rules."


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every row of every pack. Two books with the same rows have the same digest."""

    rules: tuple[Rule, ...] = field(compare=False)  #: by id; compared by the digest
    tzdata_min: str  #: the newest IANA release any pack asks for
    compiled: date  #: of the pack that was checked longest ago
    digest: str = field(init=False)  #: SHA-256, hexadecimal, of the rows in a fixed form

    def __post_init__(self) -> None:
        """Order the rows and take their digest."""
        rules = tuple(sorted(self.rules, key=lambda rule: rule.id))
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "digest", _digest(rules))

    def select(
        self,
        *,
        jurisdictions: Iterable[str],
        purpose: Purpose,
        channel: Channel,
        party: Party,
        on: date,
        without: frozenset[str] = frozenset(),
    ) -> tuple[Rule, ...]:
        """Return the rows that bind such a call on that local date, by id.

        Bills never bind. ``jurisdictions`` must hold the parents too: ``US`` with ``US-FL``.
        ``without`` are ids of rows an operator has switched off.
        """
        return _selected(self, frozenset(jurisdictions), purpose, channel, party, on, without)

    def get(self, rule_id: str) -> Rule:
        """Return the row with this id.

        Raises:
            RuleNotFound: there is none.
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise RuleNotFound(f"There is no rule {rule_id!r}.", rule=rule_id)

    def jurisdictions(self) -> frozenset[str]:
        """Return every jurisdiction that has a row."""
        return frozenset(rule.jurisdiction for rule in self.rules)


@lru_cache(maxsize=_REMEMBERED)
def _selected(
    book: RuleBook,
    jurisdictions: frozenset[str],
    purpose: Purpose,
    channel: Channel,
    party: Party,
    on: date,
    without: frozenset[str],
) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in book.rules
        if (rule.jurisdiction == "*" or rule.jurisdiction in jurisdictions)
        and purpose in rule.purposes
        and party in rule.parties
        and rule.channels & _BOUND_BY[channel]
        and _in_force(rule, on)
        and rule.id not in without
    )


def _in_force(rule: Rule, on: date) -> bool:
    begun = rule.effective_from is None or rule.effective_from <= on
    over = rule.effective_to is not None and rule.effective_to <= on
    return begun and not over and not rule.is_bill


def load_packs(directory: Path | None = None, operator_files: Sequence[Path] = ()) -> RuleBook:
    """Read every pack of a folder, and the operator's own files, into one book.

    Args:
        directory: The folder; without it, the packs that come with the program.
        operator_files: Files of the same form. Their rows are added; none replaces a row.

    Raises:
        PackError: a file or a row cannot be used, two rows have one id, or there is no pack.
    """
    folder = PACKS if directory is None else directory
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise PackError(folder.name, "there is no rule pack in this folder")
    packs = [read_pack(path) for path in (*paths, *operator_files)]
    _refuse_twins(packs)
    return RuleBook(
        rules=tuple(rule for pack in packs for rule in pack.rules),
        tzdata_min=max(pack.tzdata_min for pack in packs),
        compiled=min(pack.compiled for pack in packs),
    )


def check_tzdata(book: RuleBook, iana_version: str) -> None:
    """Refuse time-zone data that is older than the book needs.

    Args:
        book: The rules.
        iana_version: The IANA release in use, such as ``2026f``.

    Raises:
        StaleTimeZones: it is older, or it does not say how old it is.
    """
    # The order of text is the order of time: IANA's releases go a..z, za..zz, zza...
    # Source: IANA tz-link.html, "The tz database".
    if TZDATA_FORM.fullmatch(iana_version) and iana_version >= book.tzdata_min:
        return
    raise StaleTimeZones(
        f"The rules need time-zone data {book.tzdata_min} or newer, not {iana_version!r}.",
        needed=book.tzdata_min,
        found=iana_version,
    )


def _refuse_twins(packs: Iterable[Pack]) -> None:
    seen: dict[str, str] = {}
    for pack in packs:
        for rule in pack.rules:
            if rule.id in seen:
                raise PackError(pack.file, f"the id is taken in {seen[rule.id]}", rule.id)
            seen[rule.id] = pack.file


def _digest(rules: Iterable[Rule]) -> str:
    rows = [asdict(rule) for rule in rules]
    text = json.dumps(rows, default=_plain, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    match value:
        case date() | time():
            return value.isoformat()
        case frozenset():
            return sorted(value)
        case _:
            raise TypeError(f"a rule holds a {type(value).__name__}, which has no fixed form")
