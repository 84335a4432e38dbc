"""What a campaign wants of its pacing: mode, ceiling, patience and bounds. Checked when made."""

from dataclasses import dataclass
from enum import StrEnum

from dialer.errors import Invalid


class PacingMode(StrEnum):
    """How a campaign decides the number of calls in flight."""

    PREDICTIVE = "predictive"  #: as many as the abandonment budget bears
    PROGRESSIVE = "progressive"  #: one for each free agent: nobody is abandoned for lack of agents
    POWER = "power"  #: a fixed number for each free agent
    PREVIEW = "preview"  #: none: agents are shown contacts, choose and dial


class ContradictorySettings(Invalid):
    """Two pacing settings exclude each other, or one is out of its range."""

    code = "contradictory_pacing"
    message = "The pacing settings contradict each other."


@dataclass(frozen=True, slots=True)
class BudgetWindow:
    """The time over which the law counts abandoned calls.

    Either the last ``length_s`` seconds, or everything since ``since_s`` (a calendar month, a
    campaign's first call). ``ends_at_s``, where known, is the instant at which the share is judged:
    no calls come after it.
    """

    length_s: float | None = None  #: seconds, > 0; None: everything since ``since_s``
    since_s: float | None = None  #: what happened before does not count; None: nothing is left out
    ends_at_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse a window without length.

        Raises:
            ContradictorySettings: the window is empty.
        """
        if self.length_s is not None and self.length_s <= 0:
            raise ContradictorySettings("a budget's window must be longer than 0 s")
        since_s = self.since_s if self.since_s is not None else float("-inf")
        if self.ends_at_s is not None and self.ends_at_s <= since_s:
            raise ContradictorySettings("a budget's window must end after it starts")


@dataclass(frozen=True, slots=True)
class PredictivePolicy:
    """The pacing settings of a campaign."""

    mode: PacingMode = PacingMode.PREDICTIVE
    dial_ratio: float = 1.0  #: calls for each free agent, 1..; used by POWER
    target_rate: float = 0.029  #: 0..ceiling: abandoned share to aim at
    ceiling: float = 0.03
    """0..1: abandoned share that must not be passed.

    Source: 16 CFR 310.4(b)(4)(i): 3 % of calls answered by a person.
    """
    patience_s: float = 2.0
    """Seconds after the person's greeting within which an agent must be there.

    Source: 16 CFR 310.4(b)(4)(ii).
    """
    least_ring_s: float = 15.0
    """Before it no ringing call is cancelled, seconds.

    Source: 16 CFR 310.4(b)(4)(iii): fifteen seconds or four rings.
    """
    ring_limit_s: float = 25.0  #: a call that nobody answers ends after it, seconds
    setup_s: float = (
        0.0  #: ringing may begin so long after the dial, seconds; the limit counts then
    )
    max_ratio: float | None = (
        None  #: calls ringing, waiting and talking for each agent at work, 1..
    )
    least_agents: int = 0  #: with fewer agents at work the campaign dials progressively
    target_occupancy: float | None = None  #: 0..1: busy share of agents' time that is enough
    cancels: bool = True  #: whether ringing calls may be cancelled at all
    detection_s: float = 0.0  #: answering-machine detection that eats into the patience, seconds
    window: BudgetWindow = BudgetWindow()
    credit_s: float = 1200.0
    """Answers expected within this many seconds may cover people abandoned now, in a fresh window.

    Fades to 0 over the window's first hour of calls. 0: the share is under the ceiling at every
    moment; the price is a progressive start.
    """
    audit_share: float = 1.0  #: 0..1, above 0: of the people taken for machines whom audits find
    caution: float = 1.8  #: standard deviations of bad luck kept in hand below the ceiling, 0..
    burst_ceiling: float = 0.06  #: 0..1: abandoned share in any half hour that must not be passed

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ContradictorySettings: with the reason.
        """
        for wrong, reason in self._objections():
            if wrong:
                raise ContradictorySettings(reason)

    def _objections(self) -> tuple[tuple[bool, str], ...]:
        ratio, occupancy = self.max_ratio, self.target_occupancy
        return (
            (not 0 < self.ceiling <= 1, "the ceiling must be above 0 and at most 1"),
            (not 0 <= self.target_rate <= self.ceiling, "the target must be 0 to the ceiling"),
            (self.burst_ceiling < self.ceiling, "the half hour's ceiling is below the window's"),
            (self.dial_ratio < 1, "a dial ratio below 1 leaves agents without calls"),
            (ratio is not None and ratio < 1, "the highest ratio must be 1 or more"),
            (
                ratio is not None and self.mode is PacingMode.POWER and ratio < self.dial_ratio,
                "the highest ratio is below the dial ratio",
            ),
            (self.patience_s < 0, "the patience must be 0 s or more"),
            (self.detection_s < 0, "the detection time must be 0 s or more"),
            (self.detection_s > self.patience_s, "detection takes longer than people wait"),
            (self.ring_limit_s < 5, "the ring limit must be 5 s or more"),
            (self.setup_s < 0, "the time to set a call up must be 0 s or more"),
            (self.least_ring_s < 0, "the least ringing time must be 0 s or more"),
            (self.least_ring_s > self.ring_limit_s, "calls end before the least ringing time"),
            (self.least_agents < 0, "the least number of agents must be 0 or more"),
            (
                occupancy is not None and not 0 < occupancy <= 1,
                "the target occupancy must be above 0 and at most 1",
            ),
            (not 0 < self.audit_share <= 1, "the audits' share must be above 0 and at most 1"),
            (self.credit_s < 0 or self.caution < 0, "credit and caution must be 0 or more"),
        )
