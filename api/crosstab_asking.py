"""What fields of an address or a form ask of cross-tables; what is left out is left open."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import ImmutableMultiDict

from api.deps import services_of
from campaigns.crosstabs.asking import LimitsWrong, TableAsked
from campaigns.crosstabs.definition import MOST_TARGETS, MOST_VALUES, TableDefinition
from campaigns.crosstabs.weighting import Limits
from campaigns.reports.periods import PeriodWrong, Usual, day_of
from campaigns.reports.settings import terms_of

Fields = ImmutableMultiDict[str, str]


def table_in(said: Fields) -> TableDefinition:
    """Return the table that fields tell of.

    Raises:
        LimitsWrong, PeriodWrong: what is written cannot be read.
    """
    period = said.get("period", "")
    least, most = _limits(said)
    versions = [one for one in said.getlist("version") if one.isdecimal() and 0 < len(one) < 7]
    return TableDefinition(
        form=said.get("form", "")[:64],
        rows=said.get("rows", "")[:200],
        columns=said.get("columns", "")[:200],
        campaigns=tuple(_ids(said.getlist("campaign")[:MOST_VALUES])),
        versions=tuple(int(one) for one in versions[:MOST_VALUES] if int(one)),
        period=Usual(period) if period in set(Usual) else None,
        first=_day(said, "first"),
        last=_day(said, "last"),
        targets="\n".join(said.getlist("target"))[:MOST_TARGETS],
        least=least,
        most=most,
    )


async def asked_today(
    request: Request, session: AsyncSession, client_id: UUID, table: TableDefinition
) -> TableAsked:
    """Return what a table counts today, by the client's days.

    Raises:
        TargetsUnreadable, LimitsWrong, PeriodWrong: it cannot be counted so.
    """
    zone = (await terms_of(session, client_id)).zone
    return table.asked(day_of(services_of(request).clock.now(), zone))


def address_of(table: TableDefinition, **more: str) -> str:
    """Return the fields of an address that ask for a table."""
    pairs = [
        *((name, getattr(table, name)) for name in ("form", "rows", "columns")),
        *(("campaign", str(one)) for one in table.campaigns),
        *(("version", str(one)) for one in table.versions),
        ("period", table.period.value if table.period else ""),
        *((name, getattr(table, name) or "") for name in ("first", "last")),
        ("target", table.targets),
        ("least", f"{table.least:g}"),
        ("most", f"{table.most:g}"),
        *more.items(),
    ]
    return urlencode([(name, value) for name, value in pairs if value])


def _limits(said: Fields) -> tuple[float, float]:
    usual = Limits()
    try:
        least = float((said.get("least") or str(usual.least)).replace(",", "."))
        most = float((said.get("most") or str(usual.most)).replace(",", "."))
    except ValueError as error:
        raise LimitsWrong from error
    return least, most


def _day(said: Fields, name: str) -> date | None:
    try:
        day = date.fromisoformat(said.get(name, ""))
    except ValueError:
        return None
    if not date(2000, 1, 1) <= day <= date(2200, 1, 1):
        raise PeriodWrong(day=day.isoformat())
    return day


def _ids(texts: Sequence[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
