"""The campaign's caller IDs: which of them a call shows, counted over all campaigns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.hopper import Candidate
from campaigns.models import CallerId, Campaign, CampaignCallerId
from compliance.caller_ids import CallerIdFacts, CallerIdRefusal, choose, combine
from compliance.gate import Clearance, Refusal
from compliance.places.placement import Placement
from compliance.reasons import RefusalReason
from compliance.receipts import with_refusal
from compliance.rulebook.rules import CallerIdTerms


@dataclass(frozen=True, slots=True)
class CallerPool:
    """The caller IDs a campaign may show."""

    rows: tuple[CallerId, ...] = ()

    @property
    def is_counted(self) -> bool:
        """Tell whether any of them has a cap or needs rest, so that uses must be counted."""
        return any(row.daily_cap is not None or row.rest_s is not None for row in self.rows)

    @property
    def longest_rest(self) -> timedelta:
        """Return how far back a use still keeps one of them from being shown."""
        return timedelta(seconds=max((row.rest_s or 0 for row in self.rows), default=0))

    def display_name(self, e164: str | None) -> str:
        """Return the name that is shown with a number."""
        return next((row.display_name for row in self.rows if row.e164 == e164), "")


async def load_pool(session: AsyncSession, campaign: Campaign) -> CallerPool:
    """Read the campaign's caller IDs, its own one first."""
    own = col(CallerId.id) == campaign.caller_id_id
    pooled = select(CampaignCallerId.caller_id_id).where(
        col(CampaignCallerId.campaign_id) == campaign.id
    )
    rows = await session.exec(
        select(CallerId)
        .where(
            own | col(CallerId.id).in_(pooled),
            col(CallerId.client_id) == campaign.client_id,
        )
        .order_by(own.desc(), col(CallerId.e164))
    )
    return CallerPool(tuple(rows.all()))


async def choose_caller_ids(
    session: AsyncSession,
    pool: CallerPool,
    candidates: Sequence[Candidate],
    *,
    terms: Mapping[UUID, Sequence[CallerIdTerms]],
    placements: Mapping[int, Placement],
    now: datetime,
) -> dict[UUID, str | Refusal | None]:
    """Return by lead the number to show, None for none, or why there is none; count the uses.

    ``terms`` are the pack rows that bind each lead's call. With caps or rests the rows are locked, so
    that two campaigns never show one number too often together.
    """
    day = now.astimezone(UTC).date()
    facts = await _facts(session, pool, day, now)
    chosen: dict[UUID, str | Refusal | None] = {}
    for candidate in candidates:
        place = placements.get(candidate.place_id)
        found = choose(
            list(facts.values()),
            combine(terms.get(candidate.lead_id, ())),
            place.jurisdictions if place else (),
            now,
            called_e164=candidate.e164,
            seed_key=candidate.e164,
            day_ends_at=datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC),
        )
        if isinstance(found, CallerIdRefusal):
            reason = RefusalReason(found.reason.value)
            refusal = Refusal(candidate.e164, candidate.lead_id, (reason,), found.next_at)
            chosen[candidate.lead_id] = refusal
        elif found is None:
            chosen[candidate.lead_id] = None
        else:
            chosen[candidate.lead_id] = found.e164
            facts[found.e164] = _used(found, pool, now)
    if pool.is_counted:
        await _count(session, pool, chosen, day, now)
    return chosen


def with_receipt_of(clearance: Clearance, refusal: Refusal) -> Refusal:
    """Return the refusal of a call that the gate had cleared, with what the gate decided upon."""
    receipt = clearance.receipt
    for reason in refusal.reasons:
        receipt = with_refusal(receipt, reason)
    return replace(refusal, receipt=receipt)


async def _facts(
    session: AsyncSession, pool: CallerPool, day: date, now: datetime
) -> dict[str, CallerIdFacts]:
    used: dict[UUID, tuple[int, datetime]] = {}
    if pool.is_counted:
        ids = {"ids": sorted(row.id for row in pool.rows)}
        lock = "SELECT id FROM caller_id WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"
        await session.execute(text(lock), ids)
        rows = await session.execute(
            text(
                "SELECT caller_id_id, sum(calls) FILTER (WHERE day = :day) AS calls,"
                " max(last_at) AS last_at FROM caller_id_use"
                " WHERE caller_id_id = ANY(:ids) AND day >= :since"
                " GROUP BY caller_id_id"
            ),
            {**ids, "day": day, "since": (now - pool.longest_rest).astimezone(UTC).date()},
        )
        used = {row.caller_id_id: (row.calls or 0, row.last_at) for row in rows}
    facts = {}
    for row in pool.rows:
        calls, last_at = used.get(row.id, (0, None))
        facts[row.e164] = CallerIdFacts(
            row.e164,
            row.region,
            daily_cap=row.daily_cap,
            used_today=calls,
            rest_until=_rests_until(row, last_at),
            attestation=row.attestation,
            label=row.label,
            enabled=row.disabled_at is None or row.disabled_at > now,
        )
    return facts


def _rests_until(row: CallerId, last_at: datetime | None) -> datetime | None:
    """Return until when a number rests: after its last call, or because a person said so."""
    between = last_at + timedelta(seconds=row.rest_s) if row.rest_s and last_at else None
    return max((at for at in (between, row.rests_until) if at is not None), default=None)


def _used(shown: CallerIdFacts, pool: CallerPool, now: datetime) -> CallerIdFacts:
    row = next(row for row in pool.rows if row.e164 == shown.e164)
    return replace(shown, used_today=shown.used_today + 1, rest_until=_rests_until(row, now))


async def _count(
    session: AsyncSession,
    pool: CallerPool,
    chosen: Mapping[UUID, str | Refusal | None],
    day: date,
    now: datetime,
) -> None:
    shown = list(chosen.values())
    uses = {row.id: shown.count(row.e164) for row in pool.rows if row.e164 in shown}
    if not uses:
        return
    await session.execute(
        text(
            """
            INSERT INTO caller_id_use (caller_id_id, day, calls, last_at)
            SELECT u.id, :day, u.calls, :now
            FROM unnest(CAST(:ids AS uuid[]), CAST(:calls AS int[])) AS u(id, calls)
            ON CONFLICT (caller_id_id, day) DO UPDATE
            SET calls = caller_id_use.calls + excluded.calls, last_at = excluded.last_at
            """
        ),
        {"ids": list(uses), "calls": list(uses.values()), "day": day, "now": now},
    )
