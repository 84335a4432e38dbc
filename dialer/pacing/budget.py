"""The abandonment budget: how many people may still be abandoned, and what happened to the rest.

``left`` counts in people: answers so far times the ceiling, less the people abandoned, less those
whom detection probably took for machines, less those whom calls in flight will probably abandon.
Below one person nothing may be risked. At what pace it is spent stands in ``spending``.
"""

from dataclasses import asdict, dataclass
from math import inf, sqrt
from typing import Any

from dialer.pacing.policy import PredictivePolicy
from dialer.pacing.spending import Account, HalfHour, pace_of
from dialer.pacing.tally import Counts, Tally

#: Besides the legal window, any span of this length has a ceiling of its own, seconds.
BURST_S = 1800.0
_CREDIT_FADES_S = 3600.0
_LEAST_CREDIT = 2.5  # people
_SAFE_SHARE = 0.6  # of the answers expected: dialling carefully brings fewer
_CAREFUL_SHARE = 0.85  # of the answers that dialling carefully would bring up to the window's end
_BURST_SHARE = 0.8  # of the answers expected in the rest of the first half hour
_SILENT_BOUND = 1.5  # people: a half hour that bears fewer was silent, and any one may be too many
_LEAST_BEARABLE, _BEARABLE_SHARE = 0.5, 0.35  # of what the half hour bears
_LEAST_ANSWERS = 50.0  # below it a rate of false positives is not believed
# Before audits have shown some, false positives are taken to be usual: people taken for machines, of
# all people, as if so many had been found.
_PRIOR_RATE, _PRIOR_FALSE = 0.02, 2.0
_UNAUDITED = 1.3  # standard deviations of doubt how many false positives audits have missed
_UNSURE = 1.5  # standard deviations of doubt whether the abandoned were people


@dataclass(frozen=True, slots=True)
class Standing:
    """The budget at an instant."""

    left: float  #: people who may still be abandoned; below 1 the budget is spent
    pace: float  #: 0..1: share of the coming answers that may be abandoned
    total: Counts  #: what the law looks at
    credit: float  #: people covered by answers still to come
    bearable: float  #: people whom a sudden change of the answer rate may cost


class Budget:
    """What may still be spent in the legal window, and in any half hour."""

    def __init__(self, policy: PredictivePolicy) -> None:
        """Start with nobody answered and nobody abandoned."""
        self._policy = policy
        self._window = Tally(policy.window.length_s)
        self._burst = Tally(BURST_S)
        self._machines = Tally(policy.window.length_s)  # verdicts, and known false ones
        self._found = Tally(policy.window.length_s)  # machines that agents found
        self._noticed = Tally(policy.window.length_s)  # people audits found before they were lost
        self.elsewhere = Counts()  #: in the same window by campaigns that share this budget
        self.false_rate = 0.0  #: 0..1: share of machine verdicts that were people, from audits
        self._at_s = float("-inf")
        self._started_at_s: float | None = None

    def use(self, policy: PredictivePolicy) -> None:
        """Take a changed policy over; what was counted stays."""
        self._policy = policy
        for tally in (self._window, self._machines, self._found, self._noticed):
            tally.count_over(policy.window.length_s, self._at_s)

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """Return the window's, the half hour's, the machines', the found ones' and the noticed ones'."""
        return self._window, self._burst, self._machines, self._found, self._noticed

    def pass_time(self, at_s: float) -> None:
        """Move the windows on; a clock that goes back leaves them where they are."""
        if at_s <= self._at_s:
            return
        self._at_s = at_s
        if self._started_at_s is None:
            self._started_at_s = at_s
        for tally in self.tallies:
            tally.expire(at_s)

    def _add(self, at_s: float, answered: float, abandoned: float, *tallies: Tally) -> None:
        since_s = self._policy.window.since_s
        if since_s is None or at_s >= since_s:
            for tally in tallies:
                tally.add(max(at_s, self._at_s), answered, abandoned)

    def answered(self, at_s: float) -> None:
        """Count a person who answered."""
        self._add(at_s, 1, 0, self._window, self._burst)

    def abandoned(self, at_s: float, *, false_positive: bool) -> None:
        """Count a person abandoned; one taken for a machine has not been counted as answered."""
        self._add(at_s, int(false_positive), 1, self._window, self._burst)
        if false_positive:
            self._add(at_s, 0, 1, self._machines)

    def machine(self, at_s: float) -> None:
        """Count a verdict "machine": a share of them is charged."""
        self._add(at_s, 1, 0, self._machines)

    def found_machine(self, at_s: float) -> None:
        """Take back an answer: the agent found a machine, which the law does not count."""
        self._add(at_s, -1, 0, self._window, self._burst)
        self._add(at_s, 1, 0, self._found)

    def taken_for_machine(self, at_s: float) -> None:
        """Take back an answer that analysis took for a machine's: a share of such is charged."""
        self._add(at_s, -1, 0, self._window, self._burst)
        self.machine(at_s)

    def found_person(self, at_s: float) -> None:
        """Count a verdict that an audit found wrong: the person had an agent, others had none."""
        self._add(at_s, 1, 0, self._noticed)

    def audited(self, checked: int, people: int) -> None:
        """Set the rate of false positives: ``people`` of ``checked`` verdicts were wrong."""
        self.false_rate = people / checked if checked > 0 else 0.0

    @property
    def counts(self) -> Counts:
        """Return this campaign's counts in the window.

        Where machines reach agents, some of the abandoned were machines, too; nobody knows which.
        """
        answered, abandoned = self._window.answered, self._window.abandoned
        machines = self._found.answered
        if machines <= 0:
            return Counts(answered, abandoned)
        false = self._machines.abandoned
        lost, people = abandoned - false, max(0.0, answered / (answered + machines))
        doubt = _UNSURE * sqrt(max(0.0, lost * people * (1 - people)))
        likely = min(lost, lost * people + doubt)
        return Counts(answered - lost * (1 - people), likely + false)

    @property
    def unseen(self) -> float:
        """Return the people probably taken for machines whom nobody has noticed."""
        known, share = self._machines.abandoned, self._policy.audit_share
        told = max(0.0, self.false_rate * self._machines.answered - known)
        if share >= 1 or max(self._machines.answered, known) <= 0:
            return told
        known += self._noticed.answered
        people = max(0.0, self._window.answered)
        weight = _PRIOR_FALSE + known
        unseen = (1 - share) * people * weight / (_PRIOR_FALSE / _PRIOR_RATE + share * people)
        doubt = _UNAUDITED * sqrt(unseen + unseen * unseen / weight)
        return max(told, unseen + doubt)

    def _mistakes(self, unseen: float) -> float:
        """Return the share of the answers that detection loses."""
        return (self._machines.abandoned + unseen) / max(_LEAST_ANSWERS, self._window.answered)

    def _answers_per_s(self) -> float:
        """Return the pace of answers, as in the last half hour."""
        if self._started_at_s is None:
            return 0.0
        elapsed_s = min(BURST_S, self._at_s - self._started_at_s)
        return self._burst.answered / (elapsed_s + 60.0)

    def _coming(self, per_s: float, reachable: float) -> float | None:
        """Return the answers to expect before the window ends; None: nobody knows its end."""
        ends_at_s = self._policy.window.ends_at_s
        if ends_at_s is None:
            return None
        return min(reachable, max(0.0, ends_at_s - self._at_s) * per_s)

    def _credit(
        self, per_s: float, coming: float | None, reachable: float, careful_per_s: float
    ) -> float:
        """Return the people who may be abandoned ahead of the answers that will cover them."""
        policy = self._policy
        if policy.credit_s <= 0 or self._started_at_s is None:
            return 0.0
        if coming is not None:
            mistakes = self._mistakes(self.unseen)
            careful = self._coming(careful_per_s, reachable) or 0.0
            return max(0.0, policy.ceiling - mistakes) * _CAREFUL_SHARE * min(coming, careful)
        fading = max(0.0, 1 - (self._at_s - self._started_at_s) / _CREDIT_FADES_S)
        people = policy.ceiling * _SAFE_SHARE * policy.credit_s * per_s
        covered = policy.ceiling * _SAFE_SHARE * reachable
        return fading * min(covered, max(_LEAST_CREDIT, people))

    def standing(
        self,
        pending: float,
        agents: int,
        reachable: float = inf,
        careful_per_s: float = inf,
        *,
        recovering: bool = False,
    ) -> Standing:
        """Return what is left and the pace of spending.

        Args:
            pending: people in flight who will probably be abandoned.
            agents: at work; many mean bursts, in which people are abandoned together.
            reachable: answers that the leads left may bring; no more can be hoped for.
            careful_per_s: answers a second that progressive dialling would bring.
            recovering: the half hour may have been silent: it must not be overdrawn, either.
        """
        total = self.counts.plus(self.elsewhere)
        per_s, unseen = self._answers_per_s(), self.unseen
        coming = self._coming(per_s, reachable)
        credit = self._credit(per_s, coming, reachable, careful_per_s)
        spent = total.abandoned + unseen + pending
        left = self._policy.ceiling * total.answered + credit - spent
        elapsed_s = 0.0 if self._started_at_s is None else self._at_s - self._started_at_s
        bound = self._burst_bound(per_s, elapsed_s)
        room = bound - self._burst.abandoned - pending
        if elapsed_s >= BURST_S and (recovering or bound < _SILENT_BOUND):
            left = min(left, room - 1)  # a few may be abandoned together
        mistakes = self._mistakes(unseen)
        account = Account(total.answered, spent, left, credit, coming, mistakes, agents)
        pace = pace_of(self._policy, account, HalfHour(bound, room))
        bearable = max(_LEAST_BEARABLE, min(left, _BEARABLE_SHARE * bound))
        return Standing(left, pace, total, credit, bearable)

    def _burst_bound(self, per_s: float, elapsed_s: float) -> float:
        """Return the people who may be abandoned in this half hour."""
        coming = max(0.0, BURST_S - elapsed_s) * _BURST_SHARE * per_s
        return self._policy.burst_ceiling * (self._burst.answered + coming)

    def saved(self) -> dict[str, Any]:
        """Return the counts as plain JSON values."""
        return {
            "tallies": [tally.saved() for tally in self.tallies],
            "false_rate": self.false_rate,
            "elsewhere": asdict(self.elsewhere),
            "at_s": self._at_s if self._at_s > float("-inf") else None,
            "started_at_s": self._started_at_s,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Take saved counts over; instants must be on the same scale as before."""
        for tally, counts in zip(self.tallies, saved["tallies"], strict=True):
            tally.load(counts)
        self.false_rate = float(saved["false_rate"])
        self.elsewhere = Counts(**saved["elsewhere"])
        self._at_s = float("-inf") if saved["at_s"] is None else float(saved["at_s"])
        self._started_at_s = saved["started_at_s"]
