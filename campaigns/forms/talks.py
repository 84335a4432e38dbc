"""An interview in a call as it stands, and an answer as a window sends it."""

from dataclasses import dataclass
from uuid import UUID

from campaigns.forms.answering.answers import Given
from campaigns.forms.answering.engine import Walk
from campaigns.forms.interviews import Sitting
from campaigns.forms.words import Ending
from campaigns.leads.models import Attempt
from campaigns.settings import CampaignSettings
from dialer.errors import Conflict


class AnsweredElsewhere(Conflict):
    """Another window has given another answer since; that one stands."""

    code = "answered_elsewhere"
    message = "Another window has answered this question since: its answer stands."


@dataclass(frozen=True, slots=True)
class Talk:
    """An interview in a call, as it stands."""

    attempt: Attempt
    settings: CampaignSettings
    sitting: Sitting
    now: Walk
    seen: int = 0  #: the highest sequence number stored; a window counts on from it
    full: tuple[str, ...] = ()  #: quotas that have no place for this person

    @property
    def ending(self) -> Ending | None:
        """How the interview has ended; None while there is something to ask."""
        return self.sitting.row.ending

    @property
    def disposition(self) -> str:
        """The code the campaign's manager wants for this ending; empty: none was named."""
        return self.settings.form_dispositions.get(self.ending, "") if self.ending else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer as a window sends it."""

    interview_id: UUID
    code: str
    given: Given
    sequence: int
    age_s: float = 0.0  #: how long it waited for the network, seconds
