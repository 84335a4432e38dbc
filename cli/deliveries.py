"""``outdial deliver``: what goes to clients: listed, sent now, tried again."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from campaigns.delivery.deliveries import orders, plans
from campaigns.delivery.deliveries.words import DeliveryState
from cli.installation import opened
from cli.output import listing, report
from cli.users import AsJson, Client
from dialer.db import transaction

app = typer.Typer(help="Deliveries of results to clients.", no_args_is_help=True)

State = Annotated[DeliveryState | None, typer.Option(help="Only those in one state.")]


@app.command("plans")
def list_plans(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's delivery plans."""
    asyncio.run(_plans(client, as_json=as_json))


async def _plans(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        found = await plans.plans_of(session, client_id=work.client_id)
    rows = [
        {
            "id": plan.id,
            "name": plan.name,
            "target": plan.target_kind.value,
            "schedule": plan.schedule.value,
            "files": plan.formats,
            "layout": plan.layout_number or "newest",
            "paused": plan.paused_at is not None,
        }
        for plan in found
    ]
    listing(rows, as_json=as_json, empty="No delivery plans yet: a campaign's page makes them.")


@app.command("list")
def list_deliveries(
    client: Client = "Outdial", state: State = None, as_json: AsJson = False
) -> None:
    """List the client's newest deliveries; ``--state dead`` are those that were given up."""
    asyncio.run(_list(client, state, as_json=as_json))


async def _list(client: str, state: DeliveryState | None, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        found = await orders.deliveries_of(session, client_id=work.client_id, state=state)
    rows = [
        {
            "id": row.id,
            "period": row.period,
            "number": row.number,
            "state": row.state.value,
            "reason": row.reason or None,
            "tries": row.tries,
            "results": row.results,
            "layout": row.layout_number,
            "files_gone": row.files_gone or None,
            "delivered_at": row.delivered_at,
        }
        for row in found
    ]
    listing(rows, as_json=as_json, empty="No deliveries: `outdial deliver send <plan>`.")


@app.command("send")
def send(
    plan: Annotated[UUID, typer.Argument(help="The plan's id, from `outdial deliver plans`.")],
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Deliver out of turn; a background worker begins within seconds."""
    asyncio.run(_send(plan, client, as_json=as_json))


async def _send(plan_id: UUID, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        plan = await plans.find(session, plan_id, client_id=work.client_id, lock=True)
        row = await orders.send_now(session, plan, user_id=None, clock=work.clock)
        facts = {"delivery": row.id, "period": row.period}
    report(facts, as_json=as_json)


@app.command("retry")
def retry(
    delivery: Annotated[UUID, typer.Argument(help="From `outdial deliver list --state dead`.")],
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Try a delivery at once that was given up or waits for its next try."""
    asyncio.run(_retry(delivery, client, as_json=as_json))


async def _retry(delivery_id: UUID, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        row = await orders.find(session, delivery_id, client_id=work.client_id, lock=True)
        woken = await orders.wake(session, row, user_id=None, clock=work.clock)
        facts = {"delivery": woken.id, "state": woken.state.value}
    report(facts, as_json=as_json)
