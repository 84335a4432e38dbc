"""A campaign's day, read from its attempts and its agents' state log."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.pacing.recorded import RecordedCall, Stretch
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.errors import Invalid, NotFound
from dialer.pacing.facts import CallEnd
from dialer.simulator.pacing_lab.people import Fate

_WORK = text(
    """
    SELECT entry.session_id, entry.state, entry.started_at,
           coalesce(entry.ended_at, shift.ended_at, :now) AS ended_at
    FROM agent_state_entry AS entry
    JOIN agent_session AS shift ON shift.id = entry.session_id
    WHERE entry.campaign_id = :campaign_id AND shift.client_id = :client_id
      AND entry.state IN ('ready', 'previewing', 'dialing', 'reserved', 'on_call',
                          'wrap_up')
      AND entry.started_at < :until AND coalesce(entry.ended_at, shift.ended_at, :now) > :since
    ORDER BY entry.session_id, entry.started_at, entry.id
    """
)
_CALLS = text(
    """
    SELECT a.started_at, a.answered_at, a.connected_at, a.left_at, a.ended_at,
           a.outcome, w.wrap_up_s
    FROM attempt AS a
    LEFT JOIN (
        SELECT entry.call_id,
               sum(extract(epoch FROM entry.ended_at - entry.started_at))::float8 AS wrap_up_s
        FROM agent_state_entry AS entry
        JOIN agent_session AS shift ON shift.id = entry.session_id
        WHERE entry.campaign_id = :campaign_id AND shift.client_id = :client_id
          AND entry.state = 'wrap_up' AND entry.ended_at IS NOT NULL
          AND entry.started_at >= :since AND entry.call_id IS NOT NULL
        GROUP BY 1
    ) AS w ON w.call_id = a.id
    WHERE a.campaign_id = :campaign_id AND a.client_id = :client_id
      AND a.started_at >= :since AND a.started_at < :until AND a.ended_at IS NOT NULL
    ORDER BY a.started_at, a.id
    """
)
_PLACES = text(
    """
    SELECT DISTINCT l.place_id
    FROM attempt AS a JOIN lead AS l ON l.id = a.lead_id
    WHERE a.campaign_id = :campaign_id AND a.client_id = :client_id
      AND a.started_at >= :since AND a.started_at < :until
    """
)

_ENDS: Final = {
    CallOutcome.NO_ANSWER: CallEnd.NO_ANSWER,
    CallOutcome.BUSY: CallEnd.REFUSED,
    CallOutcome.REJECTED: CallEnd.REFUSED,
    CallOutcome.MACHINE: CallEnd.MACHINE,
    CallOutcome.CANCELLED: CallEnd.CANCELLED,
}
_CUT_SHORT = frozenset({CallOutcome.CANCELLED, CallOutcome.NOT_SENT, CallOutcome.INTERRUPTED})
_BUSY = frozenset({AgentState.ON_CALL, AgentState.WRAP_UP})
_LOST = frozenset({CallOutcome.ABANDONED, CallOutcome.INTERRUPTED})


class NoSuchDay(Invalid):
    """The day has not begun, or it was before the campaign was made."""

    code = "no_such_day"
    message = "The campaign has no such day."


class NothingRecorded(NotFound):
    """No call of the campaign, or nobody at work, on that day."""

    code = "nothing_recorded"
    message = "Nothing was recorded on that day."


class StrangeZone(Invalid):
    """The day's zone is no IANA name."""

    code = "unknown_zone"
    message = "The time zone must be an IANA name, such as Europe/Kyiv."


@dataclass(frozen=True, slots=True)
class Span:
    """Some time of a campaign."""

    since: datetime
    until: datetime

    @property
    def seconds(self) -> float:
        """Return its length."""
        return (self.until - self.since).total_seconds()


def day_of(day: date, zone: str) -> Span:
    """Return a day from midnight to midnight on the clocks of ``zone``.

    Raises:
        StrangeZone: there is no such zone.
    """
    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise StrangeZone(zone=zone) from error
    midnight = datetime(day.year, day.month, day.day, tzinfo=clock)
    following = day + timedelta(days=1)
    until = datetime(following.year, following.month, following.day, tzinfo=clock)
    utc = ZoneInfo("UTC")
    return Span(midnight.astimezone(utc), until.astimezone(utc))


async def load_work(
    session: AsyncSession, campaign_id: UUID, span: Span, *, client_id: UUID, now: datetime
) -> list[Stretch]:
    """Read when agents of a client's campaign worked, in seconds from the span's beginning."""
    facts = _facts(campaign_id, client_id, span) | {"now": now}
    agents: dict[UUID, int] = {}
    found = []
    for row in (await session.execute(_WORK, facts)).all():
        from_s = max(0.0, (row.started_at - span.since).total_seconds())
        to_s = min(span.seconds, (row.ended_at - span.since).total_seconds())
        if to_s > from_s:
            agent = agents.setdefault(row.session_id, len(agents))
            found.append(Stretch(agent, from_s, to_s, row.state in _BUSY))
    return found


async def load_calls(
    session: AsyncSession, campaign_id: UUID, span: Span, *, client_id: UUID
) -> list[RecordedCall]:
    """Read a client's campaign's calls that began in the span and ended, in their order."""
    facts = _facts(campaign_id, client_id, span)
    rows = (await session.execute(_CALLS, facts)).all()
    return [_call(row, span.since) for row in rows]


async def places_called(
    session: AsyncSession, campaign_id: UUID, span: Span, *, client_id: UUID
) -> set[int]:
    """Return the places of the leads that were called in the span."""
    return set((await session.execute(_PLACES, _facts(campaign_id, client_id, span))).scalars())


def _facts(campaign_id: UUID, client_id: UUID, span: Span) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "client_id": client_id,
        "since": span.since,
        "until": span.until,
    }


def _call(row: Row[Any], since: datetime) -> RecordedCall:
    outcome = CallOutcome(row.outcome)
    by_machine = outcome is CallOutcome.MACHINE
    fate: Fate | None = Fate.UNANSWERED
    if by_machine:
        fate = Fate.MACHINE
    elif row.answered_at is not None:
        fate = Fate.PERSON
    elif outcome in _CUT_SHORT:
        fate = None
    rang_until = row.answered_at or row.ended_at
    talked, left_at = row.connected_at is not None, row.left_at or row.ended_at
    return RecordedCall(
        placed_s=(row.started_at - since).total_seconds(),
        ring_s=max(0.0, (rang_until - row.started_at).total_seconds()),
        fate=fate,
        end=_ENDS.get(outcome, CallEnd.FAILED),
        talk_s=(left_at - row.connected_at).total_seconds() if talked else None,
        wrap_up_s=row.wrap_up_s if talked else None,
        abandoned=row.answered_at is not None and not talked and outcome in _LOST,
    )
