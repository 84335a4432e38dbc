"""``outdial erase``: a person's data go, and a receipt stays."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from campaigns.lists.erasure.erasing import erase as erase_person
from campaigns.lists.erasure.person import Vault, Who
from cli.imports import AsJson
from cli.installation import opened
from cli.law import e164_of
from cli.output import report
from cli.users import Client
from dialer.db import transaction


def erase(
    reason: Annotated[str, typer.Option(help="Why, such as the date of the request.")],
    number: Annotated[
        str | None, typer.Option(help="The person's number, with its country code.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="The client's own key of the person.")] = None,
    contact: Annotated[UUID | None, typer.Option(help="The contact's id.")] = None,
    keep_suppressed: Annotated[
        bool, typer.Option(help="Keep the numbers on the do-not-call list, so nobody calls again.")
    ] = True,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Erase a person from contacts, calls, recordings and refused rows."""
    e164 = e164_of(number) if number else None
    who = Who(e164=e164, external_key=key, contact_id=contact)
    asyncio.run(_erase(who, reason, client, keep_suppressed=keep_suppressed, as_json=as_json))


async def _erase(
    who: Who, reason: str, client: str, *, keep_suppressed: bool, as_json: bool
) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        receipt = await erase_person(
            session,
            who,
            client_id=work.client_id,
            reason=reason,
            user_id=None,
            clock=work.clock,
            vault=Vault.of(work.settings),
            keep_suppressed=keep_suppressed,
        )
        facts = {
            "receipt": str(receipt.id),
            "erased_at": receipt.erased_at,
            "counts": receipt.counts,
            "digest": receipt.digest,
        }
    report(facts, as_json=as_json, title="Erased")
