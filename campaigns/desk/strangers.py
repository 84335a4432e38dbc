"""What somebody sees or does in another person's call is in the audit log. Nothing here commits.

The own calls of an agent are not: the call's row, and the log of the agent's states, say whose it was.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.desk.editing import is_own_call
from campaigns.leads.models import Attempt
from campaigns.tenancy import audit
from dialer.clock import Clock


async def trace_stranger(
    session: AsyncSession,
    attempt: Attempt,
    action: str,
    *,
    user_id: UUID | None,
    clock: Clock,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write an entry if the call is not the user's own; the command line has no calls."""
    if user_id is None or await is_own_call(session, attempt, user_id):
        return
    await audit.trace(session, attempt, action, facts or {}, user_id=user_id, clock=clock)
