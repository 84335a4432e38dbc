"""Caller IDs as a register: changed, rested, verified, given to campaigns; and how they do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import caller_ids
from campaigns.caller_ids import CallerIdWish
from campaigns.models import CallerId, CampaignCallerId
from campaigns.registers import changing
from campaigns.registers.changing import Done
from campaigns.registers.register import Author
from campaigns.registers.registers import CALLER_IDS
from campaigns.registers.wishes import BadFields, Reader
from dialer import phone
from dialer.clock import Clock
from dialer.errors import Invalid, NotFound

MOST_A_DAY, LONGEST_BREAK_S = 100_000, 86_400
NOT_A_NUMBER = "This number needs its country code, such as +7 or +380."
NUMBER_TAKEN = "This number is there already, perhaps disabled."
#: Whole days whose calls say how a number does.
HEALTH_DAYS = 7
#: Fewer calls say nothing of a number.
ENOUGH_CALLS = 50
#: A number that answers this much worse than the client's numbers together is probably marked as spam.
WORSE_THAN = 0.6


def read_wish(given: Mapping[str, str]) -> CallerIdWish:
    """Read a form.

    Raises:
        BadFields: something cannot be kept.
    """
    form = Reader(given)
    cap = form.number("daily_cap", least=0, most=MOST_A_DAY, needed=False)
    rest = form.number("rest_s", least=0, most=LONGEST_BREAK_S, needed=False)
    wish = CallerIdWish(
        form.text("display_name"),
        form.text("region").upper(),
        form.text("attestation").upper(),
        form.text("label"),
        int(cap or 0),
        int(rest or 0),
    )
    for name in ("display_name", "region", "attestation", "label"):
        try:
            CallerIdWish(**{name: asdict(wish)[name]}).check()
        except Invalid as wrong:
            form.problems.setdefault(name, wrong.detail)
    form.finish()
    return wish


async def make(
    session: AsyncSession, given: Mapping[str, str], *, who: Author, clock: Clock
) -> CallerId:
    """Make a caller ID of a form.

    Raises:
        BadFields: something cannot be kept, or the number is there.
    """
    problems: dict[str, str] = {}
    e164, wish = "", CallerIdWish()
    try:
        e164 = phone.parse(given.get("e164", ""), "ZZ").e164  # ZZ: no country is assumed
    except Invalid:
        problems["e164"] = NOT_A_NUMBER
    try:
        wish = read_wish(given)
    except BadFields as wrong:
        problems |= wrong.problems
    known = select(CallerId.id).where(
        col(CallerId.client_id) == who.client_id, col(CallerId.e164) == e164
    )
    if e164 and (await session.exec(known)).first() is not None:
        problems["e164"] = NUMBER_TAKEN
    if problems:
        raise BadFields(problems)
    return await caller_ids.save_caller_id(
        session, e164, wish, client_id=who.client_id, by=who.user_id, clock=clock
    )


async def change(
    session: AsyncSession, row: CallerId, wish: CallerIdWish, *, who: Author, clock: Clock
) -> Done:
    """Keep what a form says of a number."""
    before = {row.id: changing.facts_of(CALLER_IDS, row)}
    for name, value in asdict(wish).items():
        setattr(row, name, value or None if name in ("daily_cap", "rest_s") else value)
    session.add(row)
    return await changing.remember(
        session, CALLER_IDS, "changed", before, [row], who=who, clock=clock
    )


def rest(until: datetime, reason: str) -> Mapping[str, Any]:
    """Return what a number has while a person lets it rest."""
    return {"rests_until": until, "rest_reason": reason}


def wake() -> Mapping[str, Any]:
    """Return what a number has that is shown again."""
    return {"rests_until": None, "rest_reason": ""}


async def pool_of(session: AsyncSession, campaign_id: UUID) -> set[UUID]:
    """Return the caller IDs of a campaign's pool."""
    pooled = select(CampaignCallerId.caller_id_id).where(
        col(CampaignCallerId.campaign_id) == campaign_id
    )
    return set((await session.exec(pooled)).all())


async def change_pool(
    session: AsyncSession,
    campaign_id: UUID,
    ids: Collection[UUID],
    *,
    out: bool,
    who: Author,
    clock: Clock,
) -> None:
    """Put numbers into a campaign's pool, or take them out of it.

    Raises:
        CampaignNotFound, NotFound: a campaign or number is another client's.
    """
    mine = select(CallerId).where(col(CallerId.client_id) == who.client_id)
    numbers = {row.id: row.e164 for row in await session.exec(mine)}
    if not set(ids) <= set(numbers):
        raise NotFound
    known = await pool_of(session, campaign_id)
    wanted = (known - set(ids) if out else known | set(ids)) & set(numbers)
    await caller_ids.set_pool(
        session,
        campaign_id,
        sorted(numbers[one] for one in wanted),
        client_id=who.client_id,
        by=who.user_id,
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class Health:
    """How a number did in the last whole days, beside all numbers of the client."""

    attempts: int = 0
    answered: int = 0
    usual_rate: float | None = None

    @property
    def answer_rate(self) -> float | None:
        """Return the share that was answered; None: too few calls to say."""
        return self.answered / self.attempts if self.attempts >= ENOUGH_CALLS else None

    @property
    def looks_like_spam(self) -> bool:
        """Tell whether it is answered much less than the others are."""
        rate, usual = self.answer_rate, self.usual_rate
        return rate is not None and usual is not None and rate < WORSE_THAN * usual


# The roll-up by caller ID and cause: whole days, so that no attempt is counted one by one.
_HEALTH = text(
    """
    SELECT key1 AS e164, sum(attempts) AS attempts, sum(answered) AS answered FROM report_cell
    WHERE client_id = :client_id AND cube = 'caller_id' AND starts_at >= :since AND key1 <> ''
    GROUP BY key1
    """
)
_POOLS = text(
    """
    SELECT p.caller_id_id AS id, c.name FROM campaign_caller_id p JOIN campaign c ON c.id = p.campaign_id
    WHERE c.client_id = :client_id AND p.caller_id_id = ANY(CAST(:ids AS uuid[]))
    UNION SELECT c.caller_id_id, c.name FROM campaign c
    WHERE c.client_id = :client_id AND c.caller_id_id = ANY(CAST(:ids AS uuid[]))
    ORDER BY name
    """
)


async def health_of(session: AsyncSession, client_id: UUID, *, now: datetime) -> dict[str, Health]:
    """Return by number how the client's caller IDs did in the last week."""
    since = now - timedelta(days=HEALTH_DAYS)
    rows = (await session.execute(_HEALTH, {"client_id": client_id, "since": since})).all()
    every, answered = sum(row.attempts for row in rows), sum(row.answered for row in rows)
    usual = float(answered / every) if every >= ENOUGH_CALLS else None
    return {row.e164: Health(int(row.attempts), int(row.answered), usual) for row in rows}


async def pools(
    session: AsyncSession, ids: Sequence[UUID], *, client_id: UUID
) -> dict[UUID, list[str]]:
    """Return by caller ID the names of the campaigns that may show it."""
    found: dict[UUID, list[str]] = {}
    for row in await session.execute(_POOLS, {"client_id": client_id, "ids": list(ids)}):
        found.setdefault(row.id, []).append(row.name)
    return found
