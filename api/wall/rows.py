"""The rows of a wall: what the browser draws, by key. Pure.

A key is ``kind/campaign/...``, so that a viewer of some campaigns is sent those rows and no others. Instants
are milliseconds of the server's clock; words that need a catalogue come in every language.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from api.languages import LANGUAGES
from api.templating import translate
from api.wall.counted import NOT_COUNTED, counted, details
from api.wall.keys import AGENT, AGENT_ALARM, ALARM, key_of, millis
from api.wall.words import GRAVE, said
from campaigns.startable import NO_AGENTS
from campaigns.states import CampaignState
from campaigns.wall.alarms import state_limit_s
from campaigns.wall.looking import AgentNow, AlarmNow, CallsNow, CampaignNow
from campaigns.wall.patches import Row
from campaigns.wall.reading import CampaignFigures, TrunkNow
from campaigns.wall.words import AlarmCode
from dialer.agent.states import AgentState

_NO_CALLS = CallsNow()


@dataclass(frozen=True, slots=True)
class Told:
    """What a campaign's runner says of itself."""

    why: tuple[str, ...] = ()
    heard: bool = False


@dataclass(slots=True)
class RowMaker:
    """Makes rows, and gives the same row again for what has not changed."""

    _agents: dict[UUID, tuple[AgentNow, float | None, str, Row]] = field(default_factory=dict)
    _figures: dict[UUID, tuple[CampaignFigures, Mapping[str, Any]]] = field(default_factory=dict)
    _details: dict[UUID, tuple[CampaignFigures, dict[str, Row]]] = field(default_factory=dict)
    _alarms: dict[UUID, tuple[AlarmNow, str, Row]] = field(default_factory=dict)

    def agents(
        self, agents: Iterable[AgentNow], figures: Mapping[UUID, CampaignFigures]
    ) -> Iterator[tuple[str, Row]]:
        """Yield a row for each agent who is there."""
        seen = set()
        for one in agents:
            if one.state is AgentState.OFFLINE:
                continue
            seen.add(one.session_id)
            mine = figures.get(one.campaign_id)
            limit_s = state_limit_s(one, mine.wall) if mine else None
            known = self._agents.get(one.session_id)
            if known is None or known[0] is not one or known[1] != limit_s:
                key = key_of(AGENT, one.campaign_id, one.session_id)
                known = one, limit_s, key, _agent_row(one, limit_s)
                self._agents[one.session_id] = known
            yield known[2], known[3]
        for gone in self._agents.keys() - seen:
            del self._agents[gone]

    def alarms(self, alarms: Iterable[AlarmNow]) -> Iterator[tuple[str, Row]]:
        """Yield a row for each open alarm."""
        kept = {}
        for one in alarms:
            known = self._alarms.get(one.id)
            if known is None or known[0] != one:
                kind = AGENT_ALARM if one.code is AlarmCode.AGENT_LONG else ALARM
                known = one, key_of(kind, one.campaign_id, one.id), _alarm_row(one)
            kept[one.id] = known
            yield known[1], known[2]
        self._alarms = kept

    def counts(self, one: UUID, figures: CampaignFigures | None) -> Mapping[str, Any]:
        """Return the fields of a campaign that come from its counts."""
        if figures is None:
            return NOT_COUNTED
        known = self._figures.get(one)
        if known is None or known[0] is not figures:
            known = self._figures[one] = figures, counted(figures)
        return known[1]

    def lines(
        self, one: UUID, figures: CampaignFigures | None, trunks: Mapping[UUID, TrunkNow]
    ) -> Mapping[str, Row]:
        """Return the rows of a campaign's lines, quotas and lists."""
        if figures is None:
            return {}
        known = self._details.get(one)
        if known is None or known[0] is not figures:
            rows = dict(details(one, figures, trunks))
            known = self._details[one] = figures, rows
        return known[1]

    def forget(self, here: Collection[UUID]) -> None:
        """Keep nothing of campaigns that are not here any more."""
        for book in (self._figures, self._details):
            for gone in book.keys() - set(here):
                del book[gone]


def campaign_row(
    campaign: CampaignNow,
    calls: CallsNow | None,
    agents: Mapping[str, int],
    counts: Mapping[str, Any],
    told: Told,
    stale_since: datetime | None,
) -> Row:
    """Return a campaign's row."""
    calls = calls or _NO_CALLS
    under_way, ready = calls.dialing + calls.ringing, agents.get(AgentState.READY.value, 0)
    return {
        "name": campaign.name,
        "state": campaign.state.value,
        "agents": agents,
        "dialing": calls.dialing,
        "ringing": calls.ringing,
        "waiting": calls.waiting,
        "closing": calls.closing,
        "talking": calls.connected,
        "waiting_since": millis(calls.waiting_since),
        "ratio": round(under_way / ready, 2) if ready else None,
        "why": _why(campaign, told, agents),
        "stale_since": millis(stale_since),
        **counts,
    }


def _why(campaign: CampaignNow, told: Told, agents: Mapping[str, int]) -> Mapping[str, str] | None:
    """Return in one line why nothing, or not more, is dialled; None: it dials."""
    words: tuple[str, ...] = told.why
    if not words and campaign.state is CampaignState.RUNNING and not agents:
        words = (NO_AGENTS,)
    if not words and campaign.state is not CampaignState.RUNNING and campaign.reason:
        words = (campaign.reason,)
    if not words:
        return None
    return {one: "; ".join(translate(one, word) for word in words) for one in LANGUAGES}


def _agent_row(one: AgentNow, limit_s: float | None) -> Row:
    return {
        "name": one.name,
        "agent": str(one.agent_id),
        "state": one.state.value,
        "since": millis(one.since),
        "limit_s": limit_s,
        "pause": one.pause_code,
        "wants": one.wants.value,
        "forced": one.forced,
        "alone_at": millis(one.alone_at),
        "call": str(one.call_id) if one.call_id else None,
    }


def _alarm_row(one: AlarmNow) -> Row:
    return {
        "code": one.code.value,
        "grave": one.code in GRAVE,
        "said": said(one.code, one.facts),
        "since": millis(one.began_at),
        "seen_at": millis(one.acknowledged_at),
        "seen_by": one.acknowledged_by,
        "session": one.facts.get("session"),
    }
