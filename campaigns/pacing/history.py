"""What a forecast rests on: the calls and the work of the last days, and the leads to come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from dialer.call.states import CallOutcome

#: Older calls say little about today's.
DAYS = 14

#: Calls by outcome; ``again``: those whose disposition has the lead dialled once more.
_OUTCOMES = text(
    """
    SELECT a.outcome, count(*) AS calls,
           count(*) FILTER (WHERE d.retry_after_s IS NOT NULL
               OR a.disposition = ANY(CAST(:retried AS text[]))) AS again
    FROM attempt a
    LEFT JOIN disposition d ON d.campaign_id = a.campaign_id AND d.code = a.disposition
    WHERE a.campaign_id = :campaign_id AND a.client_id = :client_id
      AND a.started_at >= :since AND a.ended_at IS NOT NULL
    GROUP BY 1
    """
)
#: How long calls had rung, whole seconds, when they were answered or ended.
_RANG = text(
    """
    SELECT outcome, greatest(0, floor(extract(epoch FROM coalesce(answered_at, ended_at) - started_at)))::int
               AS rang_s,
           count(*) AS calls
    FROM attempt
    WHERE campaign_id = :campaign_id AND client_id = :client_id
      AND started_at >= :since AND ended_at IS NOT NULL
    GROUP BY 1, 2
    """
)
_TIMES = text(
    """
    SELECT count(ring_s) AS rings, avg(ring_s) AS ring_mean, stddev_pop(ring_s) AS ring_sd,
           count(talk_s) AS talks, avg(talk_s) AS talk_mean, stddev_pop(talk_s) AS talk_sd
    FROM (
        SELECT CASE WHEN outcome <> 'machine'
                    THEN extract(epoch FROM answered_at - started_at)::float8 END AS ring_s,
               extract(epoch FROM coalesce(left_at, ended_at) - connected_at)::float8 AS talk_s
        FROM attempt
        WHERE campaign_id = :campaign_id AND client_id = :client_id
          AND started_at >= :since AND ended_at IS NOT NULL AND answered_at IS NOT NULL
    ) AS call
    """
)
#: The agents' states; ``after_call``: those that follow a call or its wrap-up.
_WORK = text(
    """
    SELECT state, count(*) AS stretches, avg(took_s) AS mean, stddev_pop(took_s) AS sd,
           count(*) FILTER (WHERE before IN ('on_call', 'wrap_up')) AS after_call
    FROM (
        SELECT entry.state, extract(epoch FROM entry.ended_at - entry.started_at)::float8 AS took_s,
               lag(entry.state) OVER (PARTITION BY entry.session_id ORDER BY entry.started_at, entry.id)
                   AS before
        FROM agent_state_entry AS entry
        JOIN agent_session AS shift ON shift.id = entry.session_id
        WHERE entry.campaign_id = :campaign_id AND shift.client_id = :client_id
          AND entry.started_at >= :since AND entry.ended_at IS NOT NULL
    ) AS stretch
    GROUP BY 1
    """
)
_AGENTS = text(
    """
    SELECT (SELECT count(*) FROM agent_session WHERE campaign_id = :campaign_id
              AND client_id = :client_id AND ended_at IS NULL) AS signed_in,
           (SELECT sum(extract(epoch FROM entry.ended_at - entry.started_at))::float8
            FROM agent_state_entry AS entry
            JOIN agent_session AS shift ON shift.id = entry.session_id
            WHERE entry.campaign_id = :campaign_id AND shift.client_id = :client_id
              AND entry.started_at >= :since AND entry.ended_at IS NOT NULL
              AND entry.state IN ('ready', 'previewing', 'dialing', 'reserved', 'on_call',
                          'wrap_up')) AS work_s,
           (SELECT 300 * count(DISTINCT date_bin('5 minutes', started_at, TIMESTAMPTZ '2000-01-01Z'))
            FROM attempt WHERE campaign_id = :campaign_id AND client_id = :client_id
              AND started_at >= :since) AS dialling_s
    """
)
#: Open leads that a due time leads back, by the attempts they had and by place.
_LEADS = text(
    """
    SELECT attempts_made, place_id, count(*) AS leads
    FROM lead
    WHERE campaign_id = :campaign_id AND client_id = :client_id AND state <> 'done'
      AND lane IS NOT NULL AND (next_attempt_at IS NOT NULL OR state = 'dialing')
    GROUP BY 1, 2
    """
)
#: Leads the gate or a call has answered for, by what became of them.
_ASKED = text(
    """
    SELECT coalesce(result, waiting_reason) AS reason, count(*) AS leads
    FROM lead
    WHERE campaign_id = :campaign_id AND client_id = :client_id
      AND (attempts_made > 0 OR state = 'done' OR waiting_reason <> 'new')
    GROUP BY 1
    """
)


@dataclass(frozen=True, slots=True)
class Sample:
    """Times that were seen."""

    count: int = 0
    mean_s: float = 0.0
    sd_s: float = 0.0


@dataclass(frozen=True, slots=True)
class History:
    """The campaign's last days."""

    outcomes: Mapping[CallOutcome, int]
    again: int = 0  #: of the conversations: those after which the lead is dialled again
    ring: Sample = Sample()  #: of answered calls
    talk: Sample = Sample()
    wrap_up: Sample = Sample()
    pause: Sample = Sample()
    pauses_after_call: int = 0
    signed_in: int = 0  #: agents, now
    usual_agents: float = 0.0  #: at work while it dialled
    rang: Mapping[tuple[CallOutcome, int], int] = field(default_factory=dict)
    """Calls by outcome and by the whole seconds they had rung; empty: nobody looked."""

    @property
    def attempts(self) -> int:
        """Return the attempts that ended."""
        return sum(self.outcomes.values())

    def observed(self) -> dict[str, int]:
        """Return how much was seen, for people."""
        return {
            "days": DAYS,
            "calls": self.attempts,
            "answers": self.ring.count,
            "talks": self.talk.count,
            "wrap_ups": self.wrap_up.count,
            "pauses": self.pauses_after_call,
        }


@dataclass(frozen=True, slots=True)
class LeadsToCome:
    """Open leads that will be dialled, and how often the gate has said no so far."""

    by_attempts: Mapping[int, int]  #: attempts they had -> leads
    by_place: Mapping[int, int]
    asked: Mapping[str, int]  #: leads already answered for, by result or reason


async def load_history(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    client_id: UUID,
    retried: frozenset[str],
    now: datetime,
) -> History:
    """Read the calls and the work of a client's campaign in the last ``DAYS`` days.

    Args:
        session: to read with.
        campaign_id: whose.
        client_id: another client's calls are never read.
        retried: dispositions after which the settings have a lead dialled again.
        now: the end of the days.
    """
    facts: dict[str, Any] = {
        "campaign_id": campaign_id,
        "client_id": client_id,
        "since": now - timedelta(days=DAYS),
    }
    outcomes = (await session.execute(_OUTCOMES, facts | {"retried": sorted(retried)})).all()
    rang = (await session.execute(_RANG, facts)).all()
    times = (await session.execute(_TIMES, facts)).one()
    work = {row.state: row for row in (await session.execute(_WORK, facts)).all()}
    agents = (await session.execute(_AGENTS, facts)).one()
    spans = {
        state: Sample(row.stretches, row.mean or 0.0, row.sd or 0.0) for state, row in work.items()
    }
    paused = work.get("paused")
    return History(
        outcomes={CallOutcome(row.outcome): row.calls for row in outcomes},
        again=sum(row.again for row in outcomes if row.outcome == CallOutcome.CONNECTED),
        ring=Sample(times.rings, times.ring_mean or 0.0, times.ring_sd or 0.0),
        talk=Sample(times.talks, times.talk_mean or 0.0, times.talk_sd or 0.0),
        wrap_up=spans.get("wrap_up", Sample()),
        pause=spans.get("paused", Sample()),
        pauses_after_call=paused.after_call if paused else 0,
        signed_in=agents.signed_in,
        rang={(CallOutcome(row.outcome), row.rang_s): row.calls for row in rang},
        usual_agents=(agents.work_s or 0.0) / agents.dialling_s if agents.dialling_s else 0.0,
    )


async def load_leads(session: AsyncSession, campaign_id: UUID, *, client_id: UUID) -> LeadsToCome:
    """Count a client's campaign's open leads by the attempts they had, and those answered for."""
    facts = {"campaign_id": campaign_id, "client_id": client_id}
    by_attempts: dict[int, int] = {}
    by_place: dict[int, int] = {}
    for row in (await session.execute(_LEADS, facts)).all():
        by_attempts[row.attempts_made] = by_attempts.get(row.attempts_made, 0) + row.leads
        by_place[row.place_id] = by_place.get(row.place_id, 0) + row.leads
    asked = {row.reason: row.leads for row in (await session.execute(_ASKED, facts)).all()}
    return LeadsToCome(by_attempts, by_place, asked)
