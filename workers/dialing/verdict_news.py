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
from workers.dialing.pacer import Pacer

_LEAST_SHARE = 0.01


class VerdictNews:
    """Tells each thing once, however often the verdicts are read."""

    def __init__(self, pacer: Pacer) -> None:
        """Tell ``pacer``."""
        self._pacer = pacer
        self._counted: set[UUID] = set()
        self._judged: set[UUID] = set()
        self._share: float | None = None

    def tell(self, verdicts: Sequence[MachineVerdict]) -> None:
        """Take in all verdicts "machine" of the budget's window as the database has them."""
        for one in verdicts:
            at_s = self._pacer.at_s(one.found_at)
            acted = one.treatment is Treatment.ACTED
            if acted and one.attempt_id not in self._counted | self._pacer.machines:
                self._pacer.controller.budget.machine(at_s)  # an earlier owner's
            self._counted.add(one.attempt_id)
            if one.judged is not None and one.attempt_id not in self._judged:
                self._judged.add(one.attempt_id)
                self._tell_judged(one, at_s)
        # What has left the window, or has been counted, need not be remembered.
        seen = {one.attempt_id for one in verdicts}
        self._pacer.machines -= seen
        self._counted &= seen
        self._judged &= seen
        judged = sum(one.judged is not None for one in verdicts)
        self._share = judged / len(verdicts) if verdicts else None

    def _tell_judged(self, one: MachineVerdict, at_s: float) -> None:
        name, acted = one.attempt_id.hex, one.treatment is Treatment.ACTED
        observe = self._pacer.controller.observe
        if one.judged is Judgement.PERSON:
            abandoned = Abandoned(name, at_s, false_positive=True)
            observe(abandoned if acted else FoundPerson(name, at_s))
        elif not acted:  # it had been counted as a person
            observe(FoundMachine(name, at_s))

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
