"""``outdial imports``: what came when, and taking it back."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer
from sqlmodel import col, select

from campaigns.lists.models import ListImport
from campaigns.lists.staged import staging
from campaigns.lists.undo.undoing import undo as undo_import
from cli.imports import AsJson
from cli.installation import opened
from cli.output import listing, report
from cli.users import Client
from dialer.db import transaction

app = typer.Typer(help="Imports: what came when, and taking it back.", no_args_is_help=True)

Id = Annotated[UUID, typer.Argument(help="The import's id; `outdial imports list` shows it.")]


@app.command("list")
def list_imports(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's imports, the newest first."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        statement = (
            select(ListImport)
            .where(col(ListImport.client_id) == work.client_id)
            .order_by(col(ListImport.id).desc())
        )
        rows = [
            {
                "name": row.name,
                "file": row.file_name,
                "state": row.state.value,
                "accepted": row.rows_accepted,
                "refused": row.rows_refused,
                "uploaded_at": row.uploaded_at,
                "id": str(row.id),
            }
            for row in await session.exec(statement)
        ]
    listing(rows, as_json=as_json, empty="No imports yet: `outdial import FILE`.")


@app.command()
def show(import_id: Id, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Show one import with its counts."""
    asyncio.run(_show(import_id, client, as_json=as_json))


async def _show(import_id: UUID, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        row = await staging.find_import(session, import_id, client_id=work.client_id)
        facts = row.model_dump(exclude={"client_id", "stored_as"})
    report(facts, as_json=as_json, title=row.file_name)


@app.command()
def undo(import_id: Id, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Take back everything an import wrote, until the first call to anybody in it."""
    asyncio.run(_undo(import_id, client, as_json=as_json))


async def _undo(import_id: UUID, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        undone = await undo_import(
            session, import_id, client_id=work.client_id, user_id=None, clock=work.clock
        )
        facts = {
            "state": "undone",
            "contacts": undone.contacts,
            "restored": undone.restored,
            "refused": undone.refused,
            "reopened": undone.reopened,
            "consents_withdrawn": undone.consents,
        }
    report(facts, as_json=as_json, title="Undone")
