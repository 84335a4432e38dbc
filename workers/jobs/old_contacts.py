"""Erase the contacts that clients keep no longer: a few at a time, each in a transaction of its own."""

from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who, hold_numbers
from campaigns.registers import keeping, old_contacts
from compliance.law import load_law
from dialer.db import transaction
from dialer.errors import OutdialError
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: Contacts of one turn: an erasure reads many tables, and there is another turn in a quarter of an hour.
MOST_AT_ONCE = 200


async def sweep_old_contacts(ctx: dict[str, Any]) -> int:
    """Erase contacts whose time is over and return how many; who is busy waits for the next turn.

    An erasure takes every contact of the same person with it, and much may have happened since the turn
    began: each contact is asked about again.
    """
    deps: BackgroundDeps = ctx["deps"]
    proofs = keeping.least_days(load_law().book.rules, keeping.PROOFS)
    async with deps.sessions() as session:
        found = await old_contacts.due(
            session, now=deps.clock.now(), proofs=proofs, most=MOST_AT_ONCE
        )
    gone = 0
    for client_id, contact_id in found:
        try:
            gone += await _erase(deps, client_id, contact_id, proofs)
        except (OutdialError, DBAPIError, TimeoutError, OSError) as error:
            log.warning(
                "contact.not_erased", contact_id=str(contact_id), error=type(error).__name__
            )
    return gone


async def _erase(deps: BackgroundDeps, client_id: UUID, contact_id: UUID, proofs: int) -> bool:
    who = Who(contact_id=contact_id)
    async with transaction(deps.sessions) as session:
        await hold_numbers(session, who, client_id)
        now = deps.clock.now()
        if not await old_contacts.due(session, now=now, proofs=proofs, most=1, only=contact_id):
            return False
        await erase(
            session,
            who,
            client_id=client_id,
            reason=old_contacts.REASON,
            user_id=None,
            clock=deps.clock,
            vault=Vault.of(deps.settings),
            keep_suppressed=False,
        )
    return True
