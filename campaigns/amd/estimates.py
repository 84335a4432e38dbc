"""How often the detection takes people for machines, as far as the audits can tell. Pure."""

from dataclasses import dataclass
from math import sqrt

#: Fewer judged verdicts say too little to switch anything off.
LEAST_JUDGED = 5
#: Standard deviations of a two-sided interval of 95 %.
Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with what it may be; all 0..1."""

    share: float
    low: float
    high: float


def wilson(found: int, checked: int, z: float = Z_95) -> Interval | None:
    """Return the share of ``found`` among ``checked`` with its score interval; None: nothing checked.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.

    Raises:
        ValueError: more were found than checked.
    """
    if not 0 <= found <= checked:
        raise ValueError(f"{found} of {checked}")
    if checked == 0:
        return None
    share, spread = found / checked, z * z / checked
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / checked + spread / (4 * checked))
    low = 0.0 if found == 0 else max(0.0, centre - half)
    return Interval(share, low, 1.0 if found == checked else min(1.0, centre + half))


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a campaign's verdicts "machine"."""

    acted: int  #: hung up, or left a message
    audited: int  #: left with an agent
    judged: int  #: of both: somebody said whether it was a person or a machine
    people: int  #: of these: a person
    met: int  #: people who answered and were not taken for machines, or only in an audit
    cannot_tell: int = 0  #: heard and not recognised: not among the judged

    @property
    def verdicts(self) -> int:
        """Return the verdicts "machine" that counted."""
        return self.acted + self.audited


def false_positives(known: Judged) -> Interval | None:
    """Return the share of verdicts "machine" that were people; None before the first judgement."""
    return wilson(known.people, known.judged)


def of_people(known: Judged) -> Interval | None:
    """Return the people taken for machines as a share of all people; None while nobody knows.

    A verdict's chance to be wrong is that of the judged ones; everybody who was met is a person.
    """
    wrong = false_positives(known)
    if wrong is None:
        return None
    return Interval(*(_share(known, rate) for rate in (wrong.share, wrong.low, wrong.high)))


def _share(known: Judged, rate: float) -> float:
    people = known.met + rate * known.acted
    taken = rate * known.verdicts
    return min(1.0, taken / people) if people > 0 else (1.0 if taken > 0 else 0.0)


def is_too_often_wrong(known: Judged, limit: float) -> bool:
    """Tell whether detection surely takes more people for machines than ``limit`` (0..1) allows."""
    found = of_people(known)
    return found is not None and known.judged >= LEAST_JUDGED and found.low > limit
