"""What becomes of verdicts "machine", told to a campaign's pacing: people among them are abandoned ones."""

from collections.abc import Sequence
from dataclasses import replace
from math import floor
from uuid import UUID

from campaigns.amd.models import Judgement
from campaigns.amd.verdicts import MachineVerdict
from campaigns.settings import CampaignSettings
from dialer.call.verdicts import Treatment
from dialer.pacing.facts import Abandoned, FoundMachine, FoundPerson
from dialer.pacing.policy import PredictivePolicy
from dialer.pacing.taking_back import ByJudgement, take_back
from workers.dialing.pacer import Pacer

_LEAST_SHARE = 0.01
#: What says nothing of a verdict: nobody judged it, or whoever heard it could not tell.
_UNKNOWN = (None, Judgement.CANNOT_TELL)


class VerdictNews:
    """Tells each thing once, however often the verdicts are read; what was corrected is taken back."""

    def __init__(self, pacer: Pacer) -> None:
        """Tell ``pacer``."""
        self._pacer = pacer
        self._counted: set[UUID] = set()
        self._judged: dict[UUID, Judgement] = {}
        self._told: dict[UUID, tuple[ByJudgement, float]] = {}  #: and when, seconds
        self._share: float | None = None

    def tell(self, verdicts: Sequence[MachineVerdict]) -> None:
        """Take in all verdicts "machine" of the budget's window as the database has them."""
        for one in verdicts:
            at_s = self._pacer.at_s(one.found_at)
            acted = one.treatment is Treatment.ACTED
            if acted and one.attempt_id not in self._counted | self._pacer.machines:
                self._pacer.controller.budget.machine(at_s)  # an earlier owner's
            self._counted.add(one.attempt_id)
            if one.judged is not None and one.judged is not self._judged.get(one.attempt_id):
                self._judged[one.attempt_id] = one.judged
                self._tell_judged(one, at_s)
        # What has left the window, or has been counted, need not be remembered.
        seen = {one.attempt_id for one in verdicts}
        self._pacer.machines -= seen
        self._counted &= seen
        for gone in self._judged.keys() - seen:
            del self._judged[gone]
            self._told.pop(gone, None)
        judged = sum(one.judged not in _UNKNOWN for one in verdicts)
        self._share = judged / len(verdicts) if verdicts else None

    def _tell_judged(self, one: MachineVerdict, at_s: float) -> None:
        controller = self._pacer.controller
        former = self._told.pop(one.attempt_id, None)
        if former is not None:  # the judgement was corrected
            take_back(controller.budget, *former)
        news = _news_of(one, at_s)
        if news is None:
            return
        controller.observe(news)
        since_s = controller.policy.window.since_s
        if since_s is None or at_s >= since_s:  # else the budget has not counted it
            self._told[one.attempt_id] = news, self._pacer.now().timestamp()

    def charged(self, policy: PredictivePolicy, settings: CampaignSettings) -> PredictivePolicy:
        """Return the policy with the share of verdicts that somebody has judged.

        What nobody has judged may have been people: the fewer are judged, the more the budget bears.
        """
        share = self._share
        if share is None:
            if settings.amd is None:
                return policy
            share = settings.amd.audit_share
        steps = floor(100 * share) / 100  # a new share makes the controller anew
        return replace(policy, audit_share=min(1.0, max(_LEAST_SHARE, steps)))


def _news_of(one: MachineVerdict, at_s: float) -> ByJudgement | None:
    """Return what a judgement tells the controller; None: nothing it does not know."""
    name, acted = one.attempt_id.hex, one.treatment is Treatment.ACTED
    if one.judged is Judgement.PERSON:
        return Abandoned(name, at_s, false_positive=True) if acted else FoundPerson(name, at_s)
    if one.judged is Judgement.MACHINE and not acted:  # it had been counted as a person
        return FoundMachine(name, at_s)
    return None
