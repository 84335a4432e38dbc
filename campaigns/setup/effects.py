"""What each setting, as it is proposed, would have done to the calls of the last days and the leads of today.

Counted, not simulated: the client's own attempts and leads. Where there is no history there is no figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.asking import Gatekeeper
from campaigns.leads.places import load_places
from campaigns.settings import CampaignSettings

#: A campaign with at least so many calls on its last day is told by its own; others by all of the client's.
ENOUGH_CALLS = 50
_WEEK = timedelta(days=7)
#: Places of most leads whose windows are looked at; each costs some milliseconds.
_MOST_PLACES = 60
_STEP = timedelta(minutes=30)


class Basis(StrEnum):
    """Which calls the figures count."""

    CAMPAIGN_DAY = "campaign_day"  #: this campaign, the last 24 hours
    CAMPAIGN_WEEK = "campaign_week"  #: this campaign, the last 7 days
    CLIENT_WEEK = "client_week"  #: all of the client's campaigns, the last 7 days
    NOTHING = "nothing"  #: there were no calls


@dataclass(frozen=True, slots=True)
class Effect:
    """What one setting would do: a code of a sentence, and its figures."""

    setting: str
    code: str
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Effects:
    """Everything that can be said of proposed settings."""

    basis: Basis
    attempts: int
    effects: tuple[Effect, ...]


_CALLS = text(
    """
    WITH a AS MATERIALIZED (
        SELECT * FROM attempt
        WHERE campaign_id = ANY(CAST(:campaigns AS uuid[])) AND client_id = :client_id
          AND started_at >= :since AND ended_at IS NOT NULL
    )
    SELECT count(*) AS attempts,
        count(*) FILTER (WHERE answered_at IS NOT NULL) AS answered,
        count(*) FILTER (WHERE answered_at IS NOT NULL AND answered_at - started_at
            > make_interval(secs => :ring_s)) AS late_answers,
        count(*) FILTER (WHERE outcome IN ('connected', 'abandoned', 'hung_up_early')) AS people,
        count(*) FILTER (WHERE outcome = 'connected') AS talks,
        count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
        count(*) FILTER (WHERE outcome = 'machine') AS machines,
        count(*) FILTER (WHERE outcome = 'connected' AND number_in_lead > :max_attempts) AS talks_beyond,
        -- What was saved later than this was no wrap-up: somebody gave the call a result afterwards.
        count(*) FILTER (WHERE disposed_at - ended_at < interval '1 hour') AS wraps,
        count(*) FILTER (WHERE disposed_at - ended_at > make_interval(secs => :wrap_s)
            AND disposed_at - ended_at < interval '1 hour') AS long_wraps,
        count(*) FILTER (WHERE connected_at - answered_at > make_interval(secs => :wait_s)) AS long_waits,
        coalesce(extract(epoch FROM sum(ended_at - connected_at)
            FILTER (WHERE outcome = 'connected')), 0)::float AS talk_s,
        (SELECT count(*) FROM (SELECT FROM a GROUP BY e164, date_trunc('day', started_at)
            HAVING count(*) > :per_number) n) AS numbers_over,
        (SELECT count(*) FROM (SELECT FROM a GROUP BY contact_id, date_trunc('day', started_at)
            HAVING count(*) > :per_person) n) AS people_over_day,
        (SELECT count(*) FROM (SELECT FROM a GROUP BY contact_id
            HAVING count(*) > :per_week) n) AS people_over_week
    FROM a
    """
)
_LEADS = text(
    """
    SELECT place_id, count(*) AS leads,
           count(*) FILTER (WHERE attempts_made >= :max_attempts) AS used_up
    FROM lead WHERE campaign_id = :campaign_id AND client_id = :client_id AND state = 'waiting'
    GROUP BY place_id
    """
)
_OWN = text("SELECT id FROM campaign WHERE client_id = :client_id")
_LATE_CALLBACKS = text(
    """
    SELECT count(*) AS callbacks, count(*) FILTER (WHERE closed_at - promised_at
               > make_interval(secs => :grace_s)) AS late
    FROM callback WHERE campaign_id = ANY(CAST(:campaigns AS uuid[])) AND client_id = :client_id
      AND state = 'kept' AND promised_at >= :since
    """
)
_NEVER = 1_000_000  #: of a cap that is not set


async def effects(
    session: AsyncSession,
    proposed: CampaignSettings,
    *,
    client_id: UUID,
    campaign_id: UUID | None,
    keeper: Gatekeeper | None,
    now: datetime,
    day_ends: datetime,
) -> Effects:
    """Say what proposed settings would do.

    Args:
        session: to read with.
        proposed: the settings as a manager considers them.
        client_id: whose calls are counted.
        campaign_id: the campaign; None: it is not made yet.
        keeper: the campaign's gatekeeper, for its windows; None: it is not made yet.
        now: the time.
        day_ends: when the manager's day is over.
    """
    basis, calls, since = await _counted(session, proposed, client_id, campaign_id, now)
    found = _of_calls(proposed, calls) if basis is not Basis.NOTHING else []
    if basis is not Basis.NOTHING:
        facts = {
            "campaigns": await _campaigns(session, basis, client_id, campaign_id),
            "client_id": client_id,
            "since": since,
            "grace_s": proposed.callback_grace_s,
        }
        row = (await session.execute(_LATE_CALLBACKS, facts)).one()
        if row.callbacks:
            figures = {"late": row.late, "callbacks": row.callbacks}
            found.append(Effect("callback_grace_s", "callbacks_late", figures))
    if campaign_id is not None and keeper is not None:
        found += await _of_leads(session, proposed, client_id, campaign_id, keeper, now, day_ends)
    return Effects(basis, calls["attempts"] if calls else 0, tuple(found))


async def _campaigns(
    session: AsyncSession, basis: Basis, client_id: UUID, campaign_id: UUID | None
) -> list[UUID]:
    if basis is not Basis.CLIENT_WEEK and campaign_id is not None:
        return [campaign_id]
    return list((await session.execute(_OWN, {"client_id": client_id})).scalars())


async def _counted(
    session: AsyncSession,
    proposed: CampaignSettings,
    client_id: UUID,
    campaign_id: UUID | None,
    now: datetime,
) -> tuple[Basis, Mapping[str, Any], datetime]:
    """Return the nearest calls of which there are enough, counted."""
    ways = [(Basis.CLIENT_WEEK, now - _WEEK, 1)]
    if campaign_id is not None:
        ways = [
            (Basis.CAMPAIGN_DAY, now - timedelta(days=1), ENOUGH_CALLS),
            (Basis.CAMPAIGN_WEEK, now - _WEEK, ENOUGH_CALLS),
            *ways,
        ]
    for basis, since, least in ways:
        facts = {
            "campaigns": await _campaigns(session, basis, client_id, campaign_id),
            "client_id": client_id,
            "since": since,
            "ring_s": proposed.ring_timeout_s,
            "wrap_s": proposed.wrap_up_s,
            "wait_s": proposed.max_wait_s,
            "max_attempts": proposed.max_attempts,
            "per_number": proposed.max_attempts_per_day,
            "per_person": proposed.max_attempts_per_person_per_day or _NEVER,
            "per_week": proposed.max_attempts_per_person_per_week or _NEVER,
        }
        row = (await session.execute(_CALLS, facts)).mappings().one()
        if row["attempts"] >= least:
            return basis, dict(row), since
    return Basis.NOTHING, {}, now


def _of_calls(proposed: CampaignSettings, calls: Mapping[str, Any]) -> list[Effect]:
    people, answered, talks = calls["people"], calls["answered"], calls["talks"]
    found = [
        Effect("mode", "mode", {"people": people, "attempts": calls["attempts"], "talks": talks}),
        Effect("record", "record", {"minutes": round(calls["talk_s"] / 60), "talks": talks}),
        _numbers("max_attempts_per_day", calls["numbers_over"]),
    ]
    if answered:
        lost = {"lost": calls["late_answers"], "answered": answered}
        found.append(Effect("ring_timeout_s", "ring", lost))
        machines = {"machines": calls["machines"], "answered": answered}
        found.append(Effect("amd", "amd_on" if proposed.amd else "amd_off", machines))
    if people:
        allowed = proposed.abandon_target * people
        shares = {"abandoned": calls["abandoned"], "people": people, "allowed": round(allowed, 1)}
        found.append(Effect("abandon_target", "abandon", shares))
    if talks:
        beyond = {"beyond": calls["talks_beyond"], "talks": talks}
        found.append(Effect("max_attempts", "max_attempts", beyond))
    if calls["wraps"]:
        long = {"long": calls["long_wraps"], "wraps": calls["wraps"]}
        found.append(Effect("wrap_up_s", "wrap_up", long))
    if proposed.max_attempts_per_person_per_day is not None:
        found.append(_numbers("max_attempts_per_person_per_day", calls["people_over_day"]))
    if proposed.max_attempts_per_person_per_week is not None:
        found.append(_numbers("max_attempts_per_person_per_week", calls["people_over_week"]))
    return found


def _numbers(setting: str, over: int) -> Effect:
    return Effect(
        setting,
        "over_number" if setting == "max_attempts_per_day" else "over_person",
        {"over": over},
    )


async def _of_leads(
    session: AsyncSession,
    proposed: CampaignSettings,
    client_id: UUID,
    campaign_id: UUID,
    keeper: Gatekeeper,
    now: datetime,
    day_ends: datetime,
) -> list[Effect]:
    facts = {"campaign_id": campaign_id, "client_id": client_id}
    rows = (await session.execute(_LEADS, {**facts, "max_attempts": proposed.max_attempts})).all()
    leads = {row.place_id: row.leads for row in rows}
    total = sum(leads.values())
    if not total:
        return []
    used_up = sum(row.used_up for row in rows)
    found = [Effect("retry", "used_up", {"used_up": used_up, "leads": total})]
    if keeper.simulated:
        return [*found, Effect("hours", "hours_simulated", {"leads": total})]
    asking = replace(keeper, settings=proposed, _parsed=None)
    asked = sorted(leads, key=lambda place: -leads[place])[:_MOST_PLACES]
    placements = await load_places(session, asked)
    closed = sum(
        leads[place]
        for place, placement in placements.items()
        if not _opens(asking, placement, now, day_ends)
    )
    looked = sum(leads[place] for place in placements)
    return [
        *found,
        Effect("hours", "hours", {"closed": closed, "leads": looked, "places": len(leads)}),
    ]


def _opens(keeper: Gatekeeper, placement: Any, now: datetime, day_ends: datetime) -> bool:
    at = now
    while at < day_ends:
        if keeper.opening(placement, at).is_open:
            return True
        at += _STEP
    return False
