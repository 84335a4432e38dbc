"""Must both sides be told that a call is recorded? Known before the call, kept with its receipt. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from campaigns.settings import CampaignSettings
from compliance.gate import Clearance
from compliance.rulebook.rules import RecordingTerms, Rule

#: In the receipt of a call that is announced.
RECEIPT = "recording_announcement"


def noted(clearance: Clearance, settings: CampaignSettings, rules: Iterable[Rule]) -> Clearance:
    """Return the clearance with what demands the announcement in its receipt: rows of law, or the campaign.

    ``rules`` are the pack rows that bind the call.
    """
    demanding = [rule.id for rule in rules if isinstance(rule.terms, RecordingTerms)]
    if not settings.record or not (demanding or settings.announce_recording):
        return clearance
    asked = {"rules": demanding, "campaign": settings.announce_recording}
    return replace(clearance, receipt={**clearance.receipt, RECEIPT: asked})


def is_announced(receipt: Mapping[str, Any]) -> bool:
    """Tell whether the call of a receipt is announced."""
    return RECEIPT in receipt
