"""Answering-machine detection as JSON."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.amd.judging import LEAST_REASON, MOST_REASON
from campaigns.amd.models import Judgement
from dialer.call.verdicts import Treatment, Verdict


class VerdictOut(BaseModel):
    """What the analysis of one call's greeting said, and whether it was right."""

    attempt_id: UUID
    verdict: Verdict
    treatment: Treatment
    cause: str  #: as Asterisk's AMD() tells it
    analysed_ms: int  #: from the answer to the verdict
    found_at: datetime
    message_left: bool
    message_bar: str  #: why no message could be left, as codes
    message_leave: dict[str, Any] | None = None  #: what allows or forbids one, as the receipt says
    for_review: bool  #: it was acted on, and drawn for a reviewer's ear
    judged: Judgement | None
    judged_at: datetime | None
    judged_by: str | None = None  #: a login; null: nobody yet, or the command line
    recording: str | None = None  #: file name, once it is finished


class JudgementIn(BaseModel):
    """What a call that was taken for a machine's was."""

    model_config = ConfigDict(extra="forbid")

    was: Judgement
    instead_of: Judgement | None = None  #: corrects this judgement; for supervisors and above


class SwitchOnIn(BaseModel):
    """Why detection that switched itself off is to work again."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=LEAST_REASON, max_length=MOST_REASON)]


class VerdictCountOut(BaseModel):
    """How often the analysis said this, and this was made of it."""

    model_config = ConfigDict(from_attributes=True)

    verdict: Verdict
    treatment: Treatment
    calls: int


class JudgedOut(BaseModel):
    """A judgement, and what it led to."""

    verdict: VerdictOut
    switched_off: bool  #: detection was found too often wrong, and is off now


class ShareOut(BaseModel):
    """A share with the interval of 95 % it lies in; all 0..1."""

    model_config = ConfigDict(from_attributes=True)

    share: float
    low: float
    high: float


class AmdOut(BaseModel):
    """How a campaign's detection does; counts are since ``since``."""

    enabled: bool  #: the campaign wants it, and it is not switched off
    off_at: datetime | None  #: it switched itself off
    off_reason: str  #: a code; empty when it is on
    since: datetime | None  #: null: since the first call
    verdicts: int  #: "machine", acted on or audited
    acted: int
    audited: int
    judged: int
    people: int  #: of the judged ones
    cannot_tell: int  #: heard, and not recognised: not among the judged
    waiting: int  #: verdicts that can be heard and judged now, whenever they were found
    audited_share: float | None  #: 0..1 of the verdicts; null without verdicts
    by_kind: list[VerdictCountOut]  #: all verdicts, the most frequent first
    false_positives: ShareOut | None  #: of the verdicts; null before the first judgement
    of_people: ShareOut | None  #: people taken for machines, of all people
    limit: float | None  #: of that share; above it detection switches itself off
