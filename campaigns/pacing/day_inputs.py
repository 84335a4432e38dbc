"""What a replay reads: a campaign's day with the law that bound it, what pacing knew, and the trunk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.asking import Gatekeeper
from campaigns.leads.places import load_places
from campaigns.models import Campaign, Trunk
from campaigns.pacing import memory
from campaigns.pacing.changes import changed_settings
from campaigns.pacing.day_records import (
    NoSuchDay,
    NothingRecorded,
    Span,
    day_of,
    load_calls,
    load_work,
    places_called,
)
from campaigns.pacing.gathering import answers_before, rules_of
from campaigns.pacing.law import pacing_policy
from campaigns.pacing.recorded import Record, busiest, shifts_of
from campaigns.pacing.virtual import PastMinute
from campaigns.settings import CampaignSettings
from compliance.rulebook.rules import Rule
from dialer.errors import Invalid

#: Work that is replayed at most when somebody waits for the answer, hours of agents.
MOST_AGENT_HOURS: Final = 40.0
#: The laboratory takes so many shifts: an agent with four pauses has five.
_MOST_SHIFTS = 5000


class TooManyShifts(Invalid):
    """The day has more shifts and pauses than the laboratory takes."""

    code = "too_many_shifts"
    message = "The day has too many shifts and pauses to be replayed whole."


@dataclass(frozen=True, slots=True)
class DayInputs:
    """Everything a replay is computed from."""

    began_at: datetime
    record: Record
    settings: CampaignSettings
    changed: CampaignSettings
    rules: tuple[Rule, ...]  #: that bound the calls
    learned: Mapping[str, Any] | None
    past: tuple[PastMinute, ...]
    lines: int | None
    calls_per_s: float | None
    notes: tuple[str, ...]


async def gather_day(
    session: AsyncSession,
    campaign: Campaign,
    keeper: Gatekeeper,
    *,
    day: date,
    zone: str,
    changes: Mapping[str, Any],
    now: datetime,
    most_agent_hours: float = MOST_AGENT_HOURS,
) -> DayInputs:
    """Read a day of a campaign that the caller has been allowed to see.

    Args:
        session: to read with.
        campaign: whose day.
        keeper: of the campaign.
        day: from midnight to midnight in ``zone``.
        zone: an IANA name.
        changes: settings to be tried, see ``SETTINGS``.
        now: the present instant.
        most_agent_hours: longer days are replayed in part, around their busiest half hour.

    Raises:
        NoSuchDay, NothingRecorded, StrangeZone, TooManyShifts: there is no such record.
        UnknownSetting, NotReplayable, BadSettings: the changes cannot be tried.
    """
    changed = changed_settings(keeper.settings, changes)
    span = day_of(day, zone)
    _require_past(span, campaign, now)
    whole = await _whole_day(session, campaign, keeper.settings, span, now)
    from_s, to_s = busiest(whole, most_agent_hours)
    record = whole.part(from_s, min(to_s, (now - span.since).total_seconds()))
    _require_replayable(record)
    began_at = span.since + timedelta(seconds=from_s)
    called = await places_called(session, campaign.id, span, client_id=campaign.client_id)
    places = await load_places(session, called)
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    return DayInputs(
        began_at=began_at,
        record=record,
        settings=keeper.settings,
        changed=changed,
        rules=rules_of(keeper, places, began_at),
        learned=await memory.learned_of(session, campaign.id) if _is_old(campaign, span) else None,
        past=await answers_before(session, campaign.id, began_at),
        lines=trunk.max_channels if trunk else None,
        calls_per_s=trunk.calls_per_s if trunk else None,
        notes=tuple(_notes(whole, record)),
    )


async def _whole_day(
    session: AsyncSession, campaign: Campaign, settings: CampaignSettings, span: Span, now: datetime
) -> Record:
    ids = {"client_id": campaign.client_id}
    calls = await load_calls(session, campaign.id, span, **ids)
    work = await load_work(session, campaign.id, span, now=now, **ids)
    if not calls or not work:
        missing = "No call of the campaign ended" if not calls else "No agent worked"
        raise NothingRecorded(f"{missing} on that day.", since=span.since, until=span.until)
    limit_s = pacing_policy(settings, ()).ring_limit_s
    return Record(span.seconds, tuple(calls), tuple(work), limit_s)


def _is_old(campaign: Campaign, span: Span) -> bool:
    """Tell whether the campaign dialled before the day: its pacing had learned something."""
    return campaign.started_at is not None and campaign.started_at < span.since


def _require_past(span: Span, campaign: Campaign, now: datetime) -> None:
    if span.since > now:
        raise NoSuchDay("That day has not begun.", since=span.since)
    made = campaign.created_at
    if span.until <= made:
        raise NoSuchDay(f"The campaign was made on {made.date().isoformat()}, after that day.")


def _require_replayable(record: Record) -> None:
    if not record.calls:
        raise NothingRecorded("No call was placed while agents worked.")
    if len(shifts_of(record.work)) > _MOST_SHIFTS:
        raise TooManyShifts


def _notes(whole: Record, record: Record) -> list[str]:
    notes = ["the settings to compare with are today's; a replay never runs out of leads"]
    if record.agent_hours < 0.99 * whole.agent_hours:
        notes.append(
            f"{record.agent_hours:.1f} of {whole.agent_hours:.1f} agents' hours are replayed:"
            " those around the busiest"
        )
    if record.cut_short:
        notes.append(
            f"{record.cut_short} of {len(record.calls)} calls were cut short: they have the fate of"
            " others that had rung as long"
        )
    return notes
