"""What an agent is doing now, put together from the tables and from what the runner tells. Pure.

The runner tells a change of state at once and stores it some tens of milliseconds later. Both carry the
instant at which the state began, so the later state wins, however the two overtake each other.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from dialer.agent.states import AgentState

#: The agent has a call in these states, and a person to read about.
WITH_CALL = frozenset(
    {AgentState.DIALING, AgentState.RESERVED, AgentState.ON_CALL, AgentState.WRAP_UP}
)
#: The agent talked, or talks: the interview is open, and a disposition can be saved.
TALKED = frozenset({AgentState.ON_CALL, AgentState.WRAP_UP})


@dataclass(frozen=True, slots=True)
class Moment:
    """An agent's shift as it is now."""

    session_id: UUID
    agent_id: UUID
    client_id: UUID
    agent_name: str
    campaign_id: UUID  #: the one the agent works for
    campaigns: tuple[UUID, ...]  #: all that share the shift
    started_at: datetime
    state: AgentState
    since: datetime  #: when the state began
    wants: AgentState  #: what follows when free
    wish_code: str | None = None  #: the reason of a wished break
    pause_code: str | None = None  #: the reason of the break that is on
    call_id: UUID | None = None
    preview_id: UUID | None = None
    disposition: str | None = None  #: saved for ``call_id``
    unread: int = 0  #: messages of supervisors that the agent has not read
    listened: bool = False  #: a supervisor listens, and the agent is to know it
    ended: bool = False

    @property
    def attempt_id(self) -> UUID | None:
        """Return the call in the agent's hands."""
        return self.call_id if self.state in WITH_CALL else None


@dataclass(frozen=True, slots=True)
class Told:
    """A change of an agent's state, as the runner publishes it."""

    session_id: UUID
    campaign_id: UUID
    state: AgentState
    at: datetime
    call_id: UUID | None
    preview_id: UUID | None


def read_notice(raw: bytes | str) -> Told | None:
    """Return what a notice tells; None for one that is about something else, or cannot be read."""
    try:
        facts: dict[str, Any] = json.loads(raw)
        return Told(
            session_id=UUID(facts["session_id"]),
            campaign_id=UUID(facts["campaign_id"]),
            state=AgentState(facts["state"]),
            at=datetime.fromisoformat(facts["at"]),
            call_id=_id(facts.get("call_id")),
            preview_id=_id(facts.get("preview_id")),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _id(value: str | None) -> UUID | None:
    return UUID(value) if value else None


def after_notice(moment: Moment, told: Told) -> Moment:
    """Return the moment after a notice; one that is older changes nothing."""
    if told.at < moment.since:
        return moment
    same_call = told.call_id is not None and told.call_id == moment.call_id
    return replace(
        moment,
        campaign_id=told.campaign_id,
        state=told.state,
        since=told.at,
        call_id=told.call_id,
        preview_id=told.preview_id if told.state is AgentState.PREVIEWING else None,
        pause_code=moment.wish_code if told.state is AgentState.PAUSED else None,
        disposition=moment.disposition if same_call else None,
        # The leg's end is told before the session's end is stored.
        ended=moment.ended or told.state is AgentState.OFFLINE,
    )


def after_look(moment: Moment, row: Moment) -> Moment:
    """Return the moment after a look at the tables, which may not have the latest state yet."""
    if row.ended or row.since >= moment.since:
        kept = moment.disposition if moment.call_id == row.call_id else None
        return replace(row, disposition=row.disposition or kept)
    same_call = row.call_id is not None and row.call_id == moment.call_id
    return replace(
        moment,
        wants=row.wants,
        wish_code=row.wish_code,
        campaigns=row.campaigns,
        unread=row.unread,
        listened=row.listened,
        disposition=moment.disposition or (row.disposition if same_call else None),
    )
