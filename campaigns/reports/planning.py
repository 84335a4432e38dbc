"""How the database is to go about the statements of reports.

They find their rows by a few spans of days, of which the planner knows nothing beforehand: it takes them for
a great part of the table. Compiling some hundred sums takes longer than adding them up, too.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.spans import Span

#: Up to so many days of campaigns their calls are found by indexes one by one; above, tables are read whole.
FEW_DAYS = 100

_NO_COMPILING = text("SET LOCAL jit = off")
_ONE_BY_ONE = tuple(
    text(f"SET LOCAL {name} = off") for name in ("enable_hashjoin", "enable_mergejoin")
)
_AS_USUAL = tuple(
    text(f"SET LOCAL {name} = on") for name in ("enable_hashjoin", "enable_mergejoin")
)


def are_few(spans: Sequence[Span]) -> bool:
    """Tell whether the calls of spans are found one by one."""
    days = sum(((span.until - span.since) for span in spans), timedelta()) / timedelta(days=1)
    return days <= FEW_DAYS


async def plan_for(session: AsyncSession, spans: Sequence[Span]) -> None:
    """Prepare the transaction for a statement that reads the raw rows of spans."""
    await session.execute(_NO_COMPILING)
    for setting in _ONE_BY_ONE if are_few(spans) else _AS_USUAL:
        await session.execute(setting)


async def plan_as_usual(session: AsyncSession) -> None:
    """Leave the planner alone for what the caller does next."""
    for setting in _AS_USUAL:
        await session.execute(setting)
