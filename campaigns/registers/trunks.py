"""Trunks: made, changed, rested, and what they do now. Nothing here commits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.permissions import require
from campaigns.leads import party_room
from campaigns.models import Trunk
from campaigns.registers import changing
from campaigns.registers.changing import Done
from campaigns.registers.register import Author
from campaigns.registers.registers import TRUNKS
from campaigns.registers.wishes import NAME_TAKEN, BadFields, Reader
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.rows import over_all_clients

#: A trunk's endpoint in Asterisk. Other technologies, and texts that Asterisk would take for options or
#: for a place in its dialplan, are for the command line.
_ENDPOINT = re.compile(r"PJSIP/\{number\}@[A-Za-z0-9][A-Za-z0-9_.-]*")
BAD_ENDPOINT = "Write it as PJSIP/{number}@NAME, with the name of the endpoint in Asterisk."
MOST_CHANNELS, MOST_CALLS_PER_S = 10_000, 1_000
LONGEST_REST = timedelta(days=366)
RESTED_BY_HAND = "a person lets it rest"


@dataclass(frozen=True, slots=True)
class TrunkWish:
    """What shall be kept of a trunk."""

    name: str
    endpoint: str
    max_channels: int
    calls_per_s: float

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "TrunkWish":
        """Read a form.

        Raises:
            BadFields: something cannot be kept.
        """
        form = Reader(given)
        name = form.text("name", most=60, needed=True)
        endpoint = form.text("endpoint") or f"PJSIP/{{number}}@{name}"
        if name and not _ENDPOINT.fullmatch(endpoint):
            form.problems["endpoint"] = BAD_ENDPOINT
        channels = form.number("max_channels", least=1, most=MOST_CHANNELS)
        calls_per_s = form.number("calls_per_s", least=0.1, most=MOST_CALLS_PER_S)
        form.finish()
        return cls(name, endpoint, int(channels or 1), calls_per_s or 1.0)


async def save_trunk(
    session: AsyncSession, row: Trunk | None, wish: TrunkWish, *, who: Author, clock: Clock
) -> tuple[Trunk, Done]:
    """Make a trunk for every client, or change one; what it leads to stays real or simulated.

    Raises:
        Forbidden: the role may not.
        BadFields: another trunk has the name.
    """
    require(who, TRUNKS.permission)
    made = row or Trunk(name=wish.name, endpoint=wish.endpoint)
    before = {made.id: changing.facts_of(TRUNKS, made)}
    try:
        async with over_all_clients(session), session.begin_nested():
            made.name, made.endpoint = wish.name, wish.endpoint
            made.max_channels, made.calls_per_s = wish.max_channels, wish.calls_per_s
            session.add(made)
    except IntegrityError as taken:
        raise BadFields({"name": NAME_TAKEN}) from taken
    if row is not None:
        return made, await changing.remember(
            session, TRUNKS, "changed", before, [made], who=who, clock=clock
        )
    facts = {"name": wish.name, "max_channels": wish.max_channels, "calls_per_s": wish.calls_per_s}
    await audit.record(
        session,
        client_id=who.client_id,
        user_id=who.user_id,
        at=clock.now(),
        action="trunk.created",
        subject="trunk",
        subject_id=made.id,
        facts=facts,
    )
    return made, Done(None)


def rest(until: datetime) -> Mapping[str, Any]:
    """Return what a trunk has while a person lets it rest: no new calls, its live ones go on."""
    return {"rests_until": until, "paused_until": until, "paused_reason": RESTED_BY_HAND}


def wake() -> Mapping[str, Any]:
    """Return what a trunk has that may be dialled by again, whoever let it rest."""
    return {"rests_until": None, "paused_until": None, "paused_reason": None}


@dataclass(frozen=True, slots=True)
class TrunkNow:
    """What a trunk does at this moment, and whose campaigns dial by it."""

    calls: int
    parties: int
    campaigns: tuple[str, ...]


_CAMPAIGNS = text(
    "SELECT trunk_id, name FROM campaign WHERE trunk_id = ANY(CAST(:ids AS uuid[]))"
    " AND client_id = :client_id AND state IN ('running', 'paused') ORDER BY name"
)


async def trunks_now(
    session: AsyncSession, ids: Sequence[UUID], *, client_id: UUID
) -> dict[UUID, TrunkNow]:
    """Return what trunks do now: lines over all clients, names of the client's own campaigns."""
    async with over_all_clients(session):
        used = await party_room.lines_in_use(session)
    rows = await session.execute(_CAMPAIGNS, {"ids": list(ids), "client_id": client_id})
    named: dict[UUID, list[str]] = {}
    for row in rows:
        named.setdefault(row.trunk_id, []).append(row.name)
    return {one: TrunkNow(*used.get(one, (0, 0)), tuple(named.get(one, ()))) for one in ids}
