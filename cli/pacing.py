"""``outdial campaign forecast`` and ``replay``: what pacing will make of a list, or would have made."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer

from campaigns.leads.asking import Gatekeeper
from campaigns.leads.keeping import keeper_for
from campaigns.pacing.day_inputs import gather_day
from campaigns.pacing.forecasting import Forecast, forecast
from campaigns.pacing.gathering import gather
from campaigns.pacing.replaying import Replay, replay
from cli.files import find_campaign
from cli.installation import opened
from cli.law import law_of
from cli.output import console, listing, report
from cli.users import AsJson, Client
from compliance.dnc.shelf import DncShelf
from dialer.errors import Invalid

Name = Annotated[str, typer.Argument(help="The campaign's name or id.")]

#: A whole day of any floor: who waits at a terminal waits a minute.
_WHOLE_DAY = float("inf")
_SHARES = frozenset({"occupancy", "abandoned_share", "worst_half_hour_share"})
_COLUMNS = ("recorded", "same_settings", "changed_settings")


class BadChange(Invalid):
    """A ``--set`` that is no assignment, or a day that is no date."""

    code = "bad_change"
    message = "Say --set NAME=VALUE."


def forecast_campaign(
    name: Name,
    agents: Annotated[
        int | None, typer.Option(help="Agents at work; else those who are signed in.")
    ] = None,
    days: Annotated[float, typer.Option(help="In how many days the list is to be done.")] = 1.0,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Say how long the list will last, with how many agents and lines, and who will be skipped."""
    asyncio.run(_forecast(name, agents, days, client, as_json=as_json))


async def _forecast(
    name: str, agents: int | None, days: float, client: str, *, as_json: bool
) -> None:
    async with opened(client) as work:
        campaign = await find_campaign(work, name)
        law, shelf = law_of(work.settings), DncShelf(work.settings.dnc_lists())
        async with work.sessions() as session:
            keeper: Gatekeeper = await keeper_for(session, campaign, law, shelf, work.clock)
            inputs = await gather(session, campaign, keeper, now=work.clock.now())
        found = await asyncio.to_thread(forecast, inputs, agents=agents, days=days)
    if as_json:
        report(asdict(found), as_json=True)
    else:
        _show_forecast(campaign.name, found)


def _show_forecast(name: str, found: Forecast) -> None:
    facts = asdict(found)
    skips = [row for row in facts.pop("skips") if row["leads"] or row["expected"]]
    shown = {key: _percent(value) if key in _SHARES else value for key, value in facts.items()}
    report(shown, as_json=False, title=f"{name}: forecast")
    if skips:
        console.print("\nNot dialled:")
        listing(skips, as_json=False, empty="")


def replay_campaign(
    name: Name,
    day: Annotated[str, typer.Option(help="The day, YYYY-MM-DD.")],
    changes: Annotated[
        list[str], typer.Option("--set", help="A setting, such as abandon_target=0.01.")
    ],
    zone: Annotated[str, typer.Option(help="Whose day: an IANA time zone.")] = "UTC",
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Run a recorded day with other settings: what was, and what would have been, side by side."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError as error:
        raise BadChange(f"{day!r} is no day: say YYYY-MM-DD.") from error
    asyncio.run(_replay(name, wanted, zone, parsed(changes), client, as_json=as_json))


async def _replay(
    name: str, day: date, zone: str, changes: Mapping[str, Any], client: str, *, as_json: bool
) -> None:
    async with opened(client) as work:
        campaign = await find_campaign(work, name)
        law, shelf = law_of(work.settings), DncShelf(work.settings.dnc_lists())
        async with work.sessions() as session:
            inputs = await gather_day(
                session,
                campaign,
                await keeper_for(session, campaign, law, shelf, work.clock),
                day=day,
                zone=zone,
                changes=changes,
                now=work.clock.now(),
                most_agent_hours=_WHOLE_DAY,
            )
        found = await asyncio.to_thread(replay, inputs, changes)
    if as_json:
        report(asdict(found), as_json=True)
    else:
        _show_replay(campaign.name, found)


def _show_replay(name: str, found: Replay) -> None:
    columns = {column: asdict(getattr(found, column)) for column in _COLUMNS}
    console.print(
        f"{name}, {found.began_at:%Y-%m-%d %H:%M} to {found.ended_at:%H:%M} UTC", markup=False
    )
    for setting, value in found.changes.items():
        console.print(f"{setting}: {found.settings[setting]} -> {value}", markup=False)
    rows = [
        {
            "": figure.replace("_", " "),
            **{
                column: _percent(columns[column][figure])
                if figure in _SHARES
                else columns[column][figure]
                for column in _COLUMNS
            },
        }
        for figure in columns["recorded"]
    ]
    listing(rows, as_json=False, empty="")
    for note in found.notes:
        console.print(f"- {note}", markup=False)


def parsed(changes: list[str]) -> dict[str, Any]:
    """Return settings by name; a value is JSON, or a plain word.

    Raises:
        BadChange: one is no ``NAME=VALUE``.
    """
    found: dict[str, Any] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not name or not equals:
            raise BadChange(f"{change!r} is no setting: say --set NAME=VALUE.")
        try:
            found[name.strip()] = json.loads(value)
        except ValueError:
            found[name.strip()] = value.strip()
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
