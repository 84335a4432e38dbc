"""An agent's wish for a call, from a route or a page to the campaign's runner."""

import re

from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Outbox, Services
from campaigns.agents import controls
from campaigns.agents.controls import KEYS_PATTERN, Control, KeysMissing
from campaigns.commands import CommandName
from campaigns.leads.models import Attempt
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity


async def steer(
    session: AsyncSession,
    services: Services,
    outbox: Outbox,
    who: Identity,
    attempt: Attempt,
    control: Control,
    *,
    target: str = "",
    keys: str = "",
) -> None:
    """Check and trace the wish, and have the runner told after the commit.

    Raises:
        NotPossibleNow, UnknownTarget, KeysMissing: it is not done.
    """
    if control is Control.KEYS and re.fullmatch(KEYS_PATTERN, keys) is None:
        raise KeysMissing
    facts = await controls.wish(
        session, attempt, control, target=target, user_id=who.user_id, clock=services.clock
    )
    if control is Control.HANG_UP:
        by = "agent" if who.role is Role.AGENT else "supervisor"
        outbox.tell(attempt.campaign_id, CommandName.HANG_UP, call_id=str(attempt.id), by=by)
        return
    if control is Control.KEYS:
        facts["keys"] = await controls.leave_keys(services.redis, keys)
    outbox.tell(attempt.campaign_id, CommandName.TALK, **facts)
