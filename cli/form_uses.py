"""``outdial form refresh``, ``outdial campaign form`` and ``script``: forms of records, and who uses what."""

import asyncio
from typing import Annotated

import typer
from pydantic import ValidationError

from campaigns import lifecycle
from campaigns.commands import CommandName, send
from campaigns.forms import publishing
from campaigns.forms.questions import Correction
from campaigns.forms.refresh_form import RefreshPlan, refresh_form
from cli.files import find_campaign
from cli.installation import opened
from cli.output import report
from cli.users import AsJson, Client
from dialer.db import transaction
from dialer.errors import Invalid

_KINDS = ", ".join(kind.value for kind in Correction)


def use_form(
    name: Annotated[str, typer.Argument(help="The campaign's name or id.")],
    code: Annotated[str, typer.Argument(help="The form's code; '' for none.")],
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Choose the published form that a campaign's calls use."""
    asyncio.run(_use(name, "form", code, client, as_json=as_json))


def use_script(
    name: Annotated[str, typer.Argument(help="The campaign's name or id.")],
    code: Annotated[str, typer.Argument(help="The script's code; '' for none.")],
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Choose the published script that a campaign's operators read."""
    asyncio.run(_use(name, "script", code or None, client, as_json=as_json))


async def _use(name: str, setting: str, code: str | None, client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        campaign = await find_campaign(work, name)
        async with transaction(work.sessions) as session:
            changed = await lifecycle.update(
                session,
                campaign.id,
                client_id=work.client_id,
                clock=work.clock,
                by=None,
                settings={setting: code},
            )
            facts = {"name": changed.name, setting: changed.settings[setting]}
        await send(work.redis, campaign.id, CommandName.REFRESH)
    report(facts, as_json=as_json)


def make_refresh(
    code: Annotated[str, typer.Argument(help="The new form's code.")],
    field: Annotated[
        list[str], typer.Option(help=f"HEADING, or HEADING:KIND, KIND one of {_KINDS}.")
    ],
    locked: Annotated[list[str] | None, typer.Option(help="A heading never changed.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Such as en or uk.")] = None,
    region: Annotated[str, typer.Option(help="Of telephone numbers, such as UA.")] = "",
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Make a form that asks for each column of the client whether it is right, as a draft."""
    fields = []
    for one in [*field, *(locked or [])]:
        heading, _, kind = one.rpartition(":")
        known = heading and kind in {kind.value for kind in Correction}
        plain = {"heading": heading, "correction": kind} if known else {"heading": one}
        fields.append({**plain, "locked": one in (locked or [])})
    raw = {"code": code, "fields": fields, "languages": language or ["en"], "region": region}
    try:
        plan = RefreshPlan.model_validate(raw)
    except ValidationError as error:
        told = "; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())
        raise Invalid(f"No such form can be made: {told}.") from error
    asyncio.run(_make(plan, client, as_json=as_json))


async def _make(plan: RefreshPlan, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        draft = await publishing.save_draft(
            session, refresh_form(plan), client_id=work.client_id, user_id=None, clock=work.clock
        )
        facts = {"form": plan.code, "version": draft.number, "questions": len(plan.fields)}
    report(facts, as_json=as_json)
