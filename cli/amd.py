"""``outdial amd``: answering machines: how detection does, what waits for an ear, judgements."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer

from campaigns.amd import judging, reviewing
from campaigns.amd.estimates import Interval, false_positives, of_people
from campaigns.amd.models import Judgement
from campaigns.amd.reviewing import Heard
from campaigns.commands import CommandName, send
from campaigns.law.instants import instant_text
from campaigns.settings import CampaignSettings
from cli.exemptions import uuid_of
from cli.files import find_campaign
from cli.installation import Opened, opened
from cli.output import console, listing, report
from cli.users import AsJson, Client
from dialer.db import transaction

app = typer.Typer(help="Answering machines: detection and its audits.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The campaign's name or id.")]


@app.command("show")
def show(name: Name, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Show how a campaign's detection does: verdicts, audits, people taken for machines, the switch."""
    asyncio.run(_show(name, client, as_json=as_json))


async def _show(name: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        campaign = await find_campaign(work, name)
        amd = CampaignSettings.model_validate(campaign.settings).amd
        async with work.sessions() as session:
            standing = await judging.standing_of(session, campaign.id)
            counts = await reviewing.counts_of(session, campaign.id, standing.since)
            waiting = await reviewing.waiting_count(session, campaign.id)
    known = standing.known
    facts: dict[str, Any] = {
        "on": amd is not None and standing.off_at is None,
        "off_at": instant_text(standing.off_at) if standing.off_at else None,
        "off_reason": standing.reason or None,
        "counted_since": instant_text(standing.since) if standing.since else None,
        "taken_for_machines": known.verdicts,
        "audited": known.audited,
        "audited_share": known.audited / known.verdicts if known.verdicts else None,
        "judged": known.judged,
        "people": known.people,
        "cannot_tell": known.cannot_tell,
        "false_positives": _interval(false_positives(known)),
        "of_all_people": _interval(of_people(known)),
        "limit": amd.max_false_positive_rate if amd else None,
        "waiting": waiting,
    }
    kinds = [
        {"verdict": one.verdict.value, "treatment": one.treatment.value, "calls": one.calls}
        for one in counts
    ]
    if as_json:
        report(facts | {"by_kind": kinds}, as_json=True)
        return
    report(_readable(facts), as_json=False, title=f"{campaign.name}: answering machines")
    listing(kinds, as_json=False, empty="No verdicts yet.")


def _interval(found: Interval | None) -> dict[str, float] | None:
    return {name: round(value, 5) for name, value in asdict(found).items()} if found else None


def _readable(facts: dict[str, Any]) -> dict[str, Any]:
    shown = dict(facts)
    for name in ("false_positives", "of_all_people"):
        found = facts[name]
        if found:
            low, high = _percent(found["low"]), _percent(found["high"])
            shown[name] = f"{_percent(found['share'])} ({low} to {high})"
    for name in ("audited_share", "limit"):
        shown[name] = None if facts[name] is None else _percent(facts[name])
    return shown


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


@app.command("waiting")
def waiting(
    name: Name,
    limit: Annotated[int, typer.Option(min=1, max=500, help="So many at most.")] = 20,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """List verdicts that wait for a reviewer, in an order that nobody chose, with their recordings."""
    asyncio.run(_waiting(name, limit, client, as_json=as_json))


async def _waiting(name: str, limit: int, client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        campaign = await find_campaign(work, name)
        async with work.sessions() as session:
            found = await reviewing.waiting_for_review(session, campaign.id, limit=limit)
    rows = [_told(one, work) for one in found]
    listing(rows, as_json=as_json, empty="Nothing waits: all that can be heard is judged.")


def _told(one: Heard, work: Opened) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "call": str(verdict.attempt_id),
        "found_at": instant_text(verdict.found_at),
        "treatment": verdict.treatment.value,
        "cause": verdict.cause,
        "recording": _where(one, work),
    }


def _where(one: Heard, work: Opened) -> str | None:
    """Return where a recording is heard: the WAV, and once that is kept as sealed Opus, its page."""
    if one.recording is None:
        return None
    wav = work.settings.recordings() / one.recording
    return str(wav) if wav.is_file() else f"/recordings/{one.verdict.attempt_id}"


@app.command("judge")
def judge(
    call: Annotated[str, typer.Argument(help="The call's id, as `waiting` shows it.")],
    was: Annotated[Judgement, typer.Argument(help="What it was.")],
    instead_of: Annotated[
        Judgement | None, typer.Option(help="Corrects this judgement, which was wrong.")
    ] = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Say what a call that was taken for a machine's was, or correct what somebody said."""
    asyncio.run(_judge(call, was, instead_of, client, as_json=as_json))


async def _judge(
    call: str, was: Judgement, instead_of: Judgement | None, client: str, *, as_json: bool
) -> None:
    async with opened(client) as work:
        async with transaction(work.sessions) as session:
            outcome = await judging.judge(
                session,
                uuid_of(call),
                was,
                client_id=work.client_id,
                user_id=None,
                clock=work.clock,
                instead_of=instead_of,
            )
        if outcome.switched_off:
            await send(work.redis, outcome.verdict.campaign_id, CommandName.REFRESH)
    facts = {"call": call, "was": was.value, "switched_off": outcome.switched_off}
    report(facts, as_json=as_json)


@app.command("switch-on")
def switch_on(
    name: Name,
    reason: Annotated[str, typer.Option(help="What has changed; kept in the audit log.")],
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Let detection that switched itself off work again; earlier judgements count no more."""
    asyncio.run(_switch_on(name, reason, client, as_json=as_json))


async def _switch_on(name: str, reason: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        campaign = await find_campaign(work, name)
        async with transaction(work.sessions) as session:
            before = await judging.standing_of(session, campaign.id)
            after = await judging.switch_on(
                session, campaign, reason=reason, user_id=None, clock=work.clock
            )
        await send(work.redis, campaign.id, CommandName.REFRESH)
    if before.off_at is None and not as_json:
        console.print("It was not switched off: nothing has changed.")
        return
    facts = {"campaign": campaign.name, "on": after.off_at is None, "was_off": before.reason}
    report(facts, as_json=as_json)
