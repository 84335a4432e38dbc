"""The question "may I call?" as a form gives it, and its answer as the page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from campaigns.law.instants import BadInstant, parse_instant
from campaigns.law.whatif import Question, check
from compliance.consent import EVERYTHING
from compliance.facts import Law
from compliance.rulebook.rules import Channel, Purpose
from dialer import phone


class Asked(BaseModel):
    """The form's fields."""

    number: str = Field(default="", max_length=100)
    region: str = Field(default="", max_length=100)
    purpose: Purpose = Purpose.SALES
    channel: Channel = Channel.PREDICTIVE
    at: str = Field(default="", max_length=40)  #: local to the viewer unless it says its zone
    consent: bool = False  #: every consent there is was given


@dataclass(frozen=True, slots=True)
class Answer:
    """What the law says."""

    allowed: bool
    reasons: Sequence[str]
    remedies: Sequence[str]
    rules: Sequence[dict[str, str]]
    next_at: datetime | None
    asked_at: datetime
    zones: Sequence[str]
    jurisdictions: Sequence[str]
    confidence: str
    assumed: Sequence[str]
    region_ignored: bool


def answer_of(law: Law, asked: Asked, zone: str, now: datetime) -> Answer:
    """Ask the law; an instant without its own zone is meant in ``zone``.

    Raises:
        InvalidPhone: the number cannot be dialled.
        BadInstant: the instant cannot be read.
    """
    number = phone.parse(asked.number, "ZZ")
    question = Question(
        e164=number.e164,
        purpose=asked.purpose,
        channel=asked.channel,
        at=_instant(asked.at, zone) or now,
        region=asked.region.strip() or None,
        consents=(EVERYTHING,) if asked.consent else (),
    )
    said: dict[str, Any] = check(law, question)
    following = said["next_allowed_at"]
    return Answer(
        allowed=said["allowed"],
        reasons=said["reasons"],
        remedies=said["remedies"],
        rules=said["rules"],
        next_at=parse_instant(following) if following and not said["allowed"] else None,
        asked_at=question.at,
        zones=said["zones"],
        jurisdictions=said["jurisdictions"],
        confidence=said["place_confidence"],
        assumed=said["assumed"],
        region_ignored=bool(said["ignored"]),
    )


def _instant(text: str, zone: str) -> datetime | None:
    """Return the instant; browsers send ``2026-11-23T13:00`` for a field of local time."""
    written = text.strip()
    if not written:
        return None
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadInstant from error
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(zone))
    return at.astimezone(UTC)
