"""Erase the contacts that clients keep no longer: a few at a time, each in a transaction of its own."""

from typing import Any

import structlog

from campaigns.lists.erasure.erasing import erase
from campaigns.lists.erasure.person import Vault, Who
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

    An erasure takes every contact of the same person with it, so a later one may be gone already.
    """
    deps: BackgroundDeps = ctx["deps"]
    rules = load_law().book.rules
    proofs = keeping.least_days(rules, keeping.PROOFS)
    async with deps.sessions() as session:
        found = await old_contacts.due(
            session, now=deps.clock.now(), proofs=proofs, most=MOST_AT_ONCE
        )
    if not found:
        return 0
    vault, gone = Vault.of(deps.settings), 0
    for client_id, contact_id in found:
        try:
            async with transaction(deps.sessions) as session:
                await erase(
                    session,
                    Who(contact_id=contact_id),
                    client_id=client_id,
                    reason=old_contacts.REASON,
                    user_id=None,
                    clock=deps.clock,
                    vault=vault,
                    keep_suppressed=False,
                )
        except OutdialError as error:
            log.info("contact.not_erased", contact_id=str(contact_id), code=error.code)
            continue
        gone += 1
    return gone
