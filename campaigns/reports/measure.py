"""What a measure is: a name, a formula in words and the same formula in components."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from campaigns.reports.components import Counts, unknown_eligible


class Unit(StrEnum):
    """What a measure is counted in."""

    COUNT = "count"
    SHARE = "share"  #: 0..1, shown in per cent
    SECONDS = "seconds"
    MONEY = "money"  #: in the client's currency
    RATIO = "ratio"  #: so many for each one


class Better(StrEnum):
    """Which way a measure should go."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Group(StrEnum):
    """What a measure tells of."""

    CALLS = "calls"
    AGENTS = "agents"
    RESULTS = "results"
    COST = "cost"
    CASES = "cases"
    PEOPLE = "people"  #: of the whole client: nothing smaller has it


@dataclass(frozen=True, slots=True)
class Target:
    """What a measure should be; None: nothing is aimed at."""

    peak: float | None = None  #: in the client's peak hours
    quiet: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure, defined once: everybody who shows it shows this."""

    key: str
    name: str  #: for people, in English; translated where it is shown
    formula: str  #: in words
    unit: Unit
    source: str  #: who defines it so
    group: Group
    over: tuple[str, ...]  #: components that are added; one with a minus before it is taken off
    under: tuple[str, ...] = ()  #: what the sum is divided by; none: it is a sum
    scale: Decimal = Decimal(1)  #: of components to the unit: 0.001 from ms to s
    better: Better = Better.NEITHER
    target: Target = Target()  #: until the client sets one

    @property
    def components(self) -> frozenset[str]:
        """Return the stored or derived components it needs."""
        named = {name.removeprefix("-") for name in (*self.over, *self.under)}
        return frozenset(named)

    def value(self, counts: Counts) -> Decimal | None:
        """Return the measure of what was counted; None where nothing can be divided by."""
        over = _sum(self.over, counts) * self.scale
        if not self.under:
            return over
        under = _sum(self.under, counts)
        return over / under if under else None


def _sum(names: Iterable[str], counts: Counts) -> Decimal:
    total = Decimal(0)
    for name in names:
        sign = -1 if name.startswith("-") else 1
        bare = name.removeprefix("-")
        one = unknown_eligible(counts) if bare == "unknown_eligible" else counts.get(bare, 0)
        total += sign * Decimal(one)
    return total


class Verdict(StrEnum):
    """How a value stands to its targets."""

    MET = "met"
    BETWEEN = "between"  #: good enough for one kind of hours only
    MISSED = "missed"


def judge(
    measure: Measure, value: Decimal | None, target: Target, *, peak: bool | None = None
) -> Verdict | None:
    """Return how a value stands to its target; None where there is none.

    Args:
        measure: Says which way is better.
        value: What was reached.
        target: For both kinds of hours.
        peak: Of peak hours only, or of quiet ones only; None: of both, so both targets count.
    """
    both = (target.peak, target.quiet) if peak is None else (target.peak if peak else target.quiet,)
    aims = [aim for aim in both if aim is not None]
    if value is None or not aims or measure.better is Better.NEITHER:
        return None
    higher = measure.better is Better.HIGHER
    met = [float(value) >= aim if higher else float(value) <= aim for aim in aims]
    if all(met):
        return Verdict.MET
    return Verdict.BETWEEN if any(met) else Verdict.MISSED
