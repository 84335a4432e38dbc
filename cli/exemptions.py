"""``outdial compliance``: exemptions from rules by two persons, and switches of emergencies."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law import emergencies
from campaigns.law import exemptions as service
from campaigns.law.instants import instant_text
from campaigns.tenancy import tokens
from campaigns.tenancy.tokens import Identity
from cli.installation import Opened, opened
from cli.law import law_of
from cli.output import listing, report
from cli.users import AsJson, Client
from compliance.models import RuleExemption
from dialer.db import transaction
from dialer.errors import Forbidden, Invalid

#: Two persons must agree, so each proves who it is.
Token = Annotated[
    str, typer.Option(prompt="Your token", hide_input=True, help="Your token: says who you are.")
]
ExemptionId = Annotated[str, typer.Argument(help="The exemption's id.")]
Switch = Annotated[str, typer.Argument(help="The switch, as `emergency list` shows it.")]
Reason = Annotated[str, typer.Option(help="Kept in the audit log.")]

emergency = typer.Typer(help="Declared emergencies: calls stop.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("propose-exemption")(propose)
    app.command("approve-exemption")(approve)
    app.command("end-exemption")(end)
    app.command("exemptions")(list_exemptions)
    app.add_typer(emergency, name="emergency")


def propose(
    rule: Annotated[str, typer.Argument(help="The rule's id: `outdial compliance rules`.")],
    reason: Annotated[str, typer.Option(help="Why; at least 10 characters.")],
    token: Token,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Ask that a rule should not bind the client; another person, an administrator, approves."""
    asyncio.run(_propose(rule, reason, token, client, as_json=as_json))


async def _propose(rule: str, reason: str, token: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        who = await _identified(session, token, work)
        row = await service.propose(
            session,
            client_id=work.client_id,
            rule_id=rule,
            reason=reason,
            user_id=who.user_id,
            book=law_of(work.settings).book,
            clock=work.clock,
        )
        facts = _shown(row)
    report(facts, as_json=as_json)


async def _identified(session: AsyncSession, token: str, work: Opened) -> Identity:
    who = await tokens.identify(session, token)
    if who.client_id != work.client_id:
        raise Forbidden("This token is another client's.")
    return who


def approve(
    exemption: ExemptionId, token: Token, client: Client = "Outdial", as_json: AsJson = False
) -> None:
    """Approve an exemption that somebody else proposed; for administrators."""
    asyncio.run(_approve(exemption, token, client, as_json=as_json))


async def _approve(exemption: str, token: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        who = await _identified(session, token, work)
        row = await service.approve(
            session,
            uuid_of(exemption),
            client_id=work.client_id,
            user_id=who.user_id,
            clock=work.clock,
        )
        facts = _shown(row)
    report(facts, as_json=as_json)


def end(exemption: ExemptionId, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """End an exemption: the rule binds again."""
    asyncio.run(_end(exemption, client, as_json=as_json))


async def _end(exemption: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        row = await service.end(
            session,
            uuid_of(exemption),
            client_id=work.client_id,
            user_id=None,
            clock=work.clock,
        )
        facts = _shown(row)
    report(facts, as_json=as_json)


def list_exemptions(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's exemptions, ended ones too."""
    asyncio.run(_list_exemptions(client, as_json=as_json))


async def _list_exemptions(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        rows = [_shown(row) for row in await service.find(session, client_id=work.client_id)]
    listing(rows, as_json=as_json, empty="No exemptions: every rule binds.")


def _shown(row: RuleExemption) -> dict[str, object]:
    return {
        "id": str(row.id),
        "rule": row.rule_id,
        "state": service.state_of(row),
        "reason": row.reason,
        "proposed_at": instant_text(row.proposed_at),
        "approved_at": instant_text(row.approved_at) if row.approved_at else None,
        "ended_at": instant_text(row.ended_at) if row.ended_at else None,
    }


def uuid_of(text: str) -> UUID:
    """Return the id a person typed.

    Raises:
        Invalid: it is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(f"{text!r} is no id.") from error


@emergency.command("on")
def turn_on(
    switch: Switch, reason: Reason, client: Client = "Outdial", as_json: AsJson = False
) -> None:
    """Stop the calls a declared emergency forbids, of every client."""
    asyncio.run(_turn(switch, reason, client, on=True, as_json=as_json))


@emergency.command("off")
def turn_off(
    switch: Switch, reason: Reason, client: Client = "Outdial", as_json: AsJson = False
) -> None:
    """Let the calls go on: the emergency is over."""
    asyncio.run(_turn(switch, reason, client, on=False, as_json=as_json))


async def _turn(switch: str, reason: str, client: str, *, on: bool, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        row = await emergencies.turn(
            session,
            switch,
            on=on,
            reason=reason,
            client_id=work.client_id,
            user_id=None,
            book=law_of(work.settings).book,
            clock=work.clock,
        )
        facts = {"switch": row.switch, "on": row.is_on, "reason": row.reason}
    report(facts, as_json=as_json)


@emergency.command("list")
def list_switches(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the switches the rules know, and which are on."""
    asyncio.run(_list_switches(client, as_json=as_json))


async def _list_switches(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        turned = {row.switch: row for row in await emergencies.find(session)}
        known = emergencies.switches(law_of(work.settings).book)
        rows = [
            {
                "switch": switch,
                "on": switch in turned and turned[switch].is_on,
                "reason": turned[switch].reason if switch in turned else "",
                "rule": rule.id,
            }
            for switch, rule in sorted(known.items())
        ]
    listing(rows, as_json=as_json, empty="No rule names a switch.")
