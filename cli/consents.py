"""``outdial consent``: the ledger of consents and of relations that stand for them."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from campaigns.law import consents
from campaigns.law.consent_files import read_consents
from campaigns.law.consents import NewConsent
from campaigns.law.instants import instant_text, parse_instant
from cli.installation import opened
from cli.law import e164_of, law_of, reading
from cli.output import listing, report
from cli.users import AsJson, Client
from compliance.models import ConsentRecord
from dialer.db import transaction
from dialer.errors import Invalid

app = typer.Typer(help="The ledger of consents.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The number, with its country code.")]


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="Its kind, as the rules name it.")],
    proof: Annotated[str, typer.Option(help="Where the proof is: a file, a form's number…")],
    number: Annotated[
        str | None, typer.Option(help="Whose; left out for a fact of the client itself.")
    ] = None,
    scope: Annotated[str, typer.Option(help="The subject it covers; * = everything.")] = "*",
    granted_at: Annotated[
        str | None, typer.Option(help="When it was given; now when left out.")
    ] = None,
    expires_at: Annotated[str | None, typer.Option(help="When it ends by itself.")] = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Record a consent, or a relation that stands for one."""
    asyncio.run(_add(kind, proof, number, scope, granted_at, expires_at, client, as_json=as_json))


async def _add(
    kind: str,
    proof: str,
    number: str | None,
    scope: str,
    granted_at: str | None,
    expires_at: str | None,
    client: str,
    *,
    as_json: bool,
) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        consent = NewConsent(
            e164_of(number) if number else None,
            kind,
            parse_instant(granted_at) if granted_at else work.clock.now(),
            proof,
            scope,
            parse_instant(expires_at) if expires_at else None,
        )
        row = await consents.record(
            session,
            consent,
            client_id=work.client_id,
            user_id=None,
            book=law_of(work.settings).book,
            clock=work.clock,
        )
        facts = _shown(row)
    report(facts, as_json=as_json)


@app.command()
def withdraw(
    number: Number,
    reason: Annotated[str, typer.Option(help="Kept in the audit log.")],
    kind: Annotated[
        list[str] | None, typer.Option(help="Only this kind; may be repeated. All when left out.")
    ] = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """End a number's consents from now on; the entries stay."""
    asyncio.run(_withdraw(e164_of(number), reason, kind or [], client, as_json=as_json))


async def _withdraw(
    e164: str, reason: str, kinds: list[str], client: str, *, as_json: bool
) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        ended = await consents.withdraw_all(
            session,
            e164,
            client_id=work.client_id,
            user_id=None,
            reason=reason,
            clock=work.clock,
            kinds=kinds,
        )
    report({"withdrawn": ended}, as_json=as_json)


@app.command("list")
def list_consents(number: Number, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List a number's entries in the ledger, and the client's own."""
    asyncio.run(_list(e164_of(number), client, as_json=as_json))


async def _list(e164: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        found = await consents.find(session, client_id=work.client_id, e164=e164)
    listing([_shown(row) for row in found], as_json=as_json, empty="Nothing is on record.")


def _shown(row: ConsentRecord) -> dict[str, object]:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "scope": row.scope,
        "granted_at": instant_text(row.granted_at),
        "withdrawn_at": instant_text(row.withdrawn_at) if row.withdrawn_at else None,
        "expires_at": instant_text(row.expires_at) if row.expires_at else None,
        "proof": row.proof,
        "of": "number" if row.e164 else "client",
    }


@app.command("import")
def import_consents(
    file: Annotated[
        Path, typer.Argument(help="CSV: number, kind, granted_at, proof; scope, expires_at.")
    ],
    region: Annotated[str, typer.Option(help="Country of numbers without a code: RU, US…")] = "RU",
    partly: Annotated[
        bool, typer.Option("--partly", help="Take the good rows even if others are refused.")
    ] = False,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Record the consents of a file: all of its rows, or none and why."""
    with reading(file):
        data = file.read_bytes()
    asyncio.run(_import(file, data, region, client, partly=partly, as_json=as_json))


async def _import(
    file: Path, data: bytes, region: str, client: str, *, partly: bool, as_json: bool
) -> None:
    async with opened(client) as work:
        book = law_of(work.settings).book
        rows = await asyncio.to_thread(
            read_consents, data, region=region, book=book, now=work.clock.now()
        )
        facts = {
            "rows": len(rows.accepted) + len(rows.refused) + rows.repeated,
            "accepted": len(rows.accepted),
            "repeated": rows.repeated,
            "refused": [asdict(refused) for refused in rows.refused],
        }
        if rows.refused and not partly:
            report({**facts, "recorded": 0}, as_json=as_json)
            raise Invalid("Some rows were refused, so none was recorded: mend them, or --partly.")
        async with transaction(work.sessions) as session:
            recorded = await consents.record_many(
                session,
                rows.accepted,
                client_id=work.client_id,
                user_id=None,
                clock=work.clock,
                proof_of_import=file.name,
            )
    report({**facts, "recorded": recorded}, as_json=as_json)
