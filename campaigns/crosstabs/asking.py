"""What can be asked of a survey: which table of which interviews, weighted to what. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from campaigns.crosstabs.weighting import Key, Limits
from dialer.errors import Invalid

#: Margins of one weighting.
MOST_MARGINS = 8
#: Shares may be off 100 % by so much, for they are rounded where they come from.
ROUNDED_BY = 0.01


class TargetsUnreadable(Invalid):
    """The targets are not written as they are read."""

    code = "targets_unreadable"
    message = "Write targets as sex: m=48, f=52, one line for each margin; shares add up to 100."


class LimitsWrong(Invalid):
    """Weights must be able to be 1."""

    code = "weight_limits_wrong"
    message = "The least weight lies between 0 and 1, the largest between 1 and 100."


@dataclass(frozen=True, slots=True)
class Target:
    """What the sample should look like by one or more variables."""

    variables: tuple[str, ...]
    shares: tuple[tuple[Key, float], ...]  #: 0..1, adding up to 1


@dataclass(frozen=True, slots=True)
class TableAsked:
    """A table of a form's interviews."""

    form: str  #: its code
    rows: str  #: a variable's key
    columns: str = ""  #: "": only everybody
    campaigns: tuple[UUID, ...] = ()  #: none: all
    versions: tuple[int, ...] = ()  #: none: all
    first: date | None = None  #: day of the client's zone on which the interview ended
    last: date | None = None
    targets: tuple[Target, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def variables(self) -> tuple[str, ...]:
        """Return every variable that is read: rows, columns, then those of targets."""
        named = (self.rows, self.columns, *(one for t in self.targets for one in t.variables))
        return tuple(dict.fromkeys(one for one in named if one))


def limits_of(least: float, most: float) -> Limits:
    """Return limits of weights.

    Raises:
        LimitsWrong: the mean, 1, does not lie between them.
    """
    if not 0 <= least < 1 < most <= 100:
        raise LimitsWrong(least=least, most=most)
    return Limits(least, most)


def read_targets(text: str) -> tuple[Target, ...]:
    """Return the margins of a text: a line each, ``sex: m=48, f=52`` or ``sex/age: m/18-29=10, …``.

    Where values hold commas, semicolons separate them.

    Raises:
        TargetsUnreadable: a line is not written so, or its shares do not add up to 100; says which.
    """
    found = tuple(_target(line) for line in text.splitlines() if line.strip())
    if len(found) > MOST_MARGINS:
        raise TargetsUnreadable(line=found[MOST_MARGINS].variables)
    return found


def _target(line: str) -> Target:
    head, colon, rest = line.partition(": ") if ": " in line else line.rpartition(":")
    names = tuple(one.strip() for one in head.split("/"))
    if not colon or not all(names) or len(set(names)) < len(names):
        raise TargetsUnreadable(line=line.strip())
    parts = rest.split(";" if ";" in rest else ",")
    shares: dict[Key, float] = {}
    for part in parts:
        cell, equals, number = part.rpartition("=")
        key = _key(cell.strip(), len(names))
        share = _number(number)
        if not equals or share is None or len(key) != len(names) or key in shares:
            raise TargetsUnreadable(line=line.strip())
        shares[key] = share
    total = sum(shares.values())
    if abs(total - 100) > 100 * ROUNDED_BY:
        raise TargetsUnreadable(line=line.strip(), total=round(total, 2))
    return Target(names, tuple((key, share / total) for key, share in shares.items()))


def _key(cell: str, variables: int) -> Key:
    parts = [cell] if variables == 1 else cell.split("/")
    return tuple(one.strip() for one in parts)


def _number(text: str) -> float | None:
    try:
        share = float(text.strip().rstrip("%").replace(",", "."))
    except ValueError:
        return None
    return share if 0 <= share <= 100 else None


def written(targets: Sequence[Target]) -> str:
    """Return targets as ``read_targets`` reads them."""
    return "\n".join(
        f"{'/'.join(one.variables)}: "
        + "; ".join(f"{'/'.join(key)}={round(share * 100, 4):g}" for key, share in one.shares)
        for one in targets
    )
