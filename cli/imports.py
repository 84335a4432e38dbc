"""``outdial import`` and ``outdial imports``: a client's file on its way into a list."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from campaigns.lists.columns.mapping import Mapping
from campaigns.lists.reading.limits import USUAL_LIMITS, check_size
from campaigns.lists.reading.tables import OpenTable, open_table
from campaigns.lists.staged.plan import (
    DuplicatePolicy,
    ImportPlan,
    NumberLimits,
    Rehearsal,
    SameBy,
    Scope,
    Then,
)
from campaigns.lists.staged.previewing import changed_mapping
from campaigns.lists.staged.rehearsing import rehearse
from cli.output import report
from dialer.clock import SystemClock
from dialer.errors import Invalid

#: A dry run without a database has neither client nor list.
_NOBODY = UUID(int=0)

File = Annotated[Path, typer.Argument(help="CSV, TXT, XLSX, XLS, ODS or JSON lines.")]
CampaignName = Annotated[str | None, typer.Option(help="Enrol the contacts in this campaign.")]
Region = Annotated[str, typer.Option(help="Country of numbers without a code: RU, UA, US…")]
ListTitle = Annotated[str | None, typer.Option(help="The list's name; the file's when left out.")]
IntoList = Annotated[
    str | None,
    typer.Option("--list", help="Add to this list (name or id), such as mended rows."),
]
Sheet = Annotated[str | None, typer.Option(help="The workbook's sheet to read.")]
By = Annotated[SameBy, typer.Option(help="What makes two rows the same person.")]
Where = Annotated[Scope, typer.Option(help="Where doubles are looked for, besides the file.")]
Policy = Annotated[Then, typer.Option(help="What becomes of a row whose person is known.")]
Consent = Annotated[
    str | None, typer.Option(help="The consent all these persons gave, as the rules name it.")
]
ConsentProof = Annotated[str | None, typer.Option(help="Where the proof of the consent is.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--map", help="Column=field, such as Handy=phone:mobile; may be repeated."),
]
Refused = Annotated[Path | None, typer.Option(help="Write the refused rows here, to mend.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would become of the rows.")]
ClientName = Annotated[str, typer.Option(help="The client's name; made when new.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for."""

    file: Path
    name: str
    region: str
    campaign: str | None
    list_name: str | None
    sheet: str | None
    duplicates: DuplicatePolicy
    consent: str | None
    consent_proof: str | None
    columns: dict[str, str]  #: heading -> field
    refused: Path | None
    client: str
    dry_run: bool
    as_json: bool

    def needs_no_database(self) -> bool:
        """Tell whether the file alone answers."""
        inside = self.duplicates.scope is Scope.FILE
        return self.dry_run and inside and not (self.campaign or self.list_name)


def import_file(
    file: File,
    campaign: CampaignName = None,
    region: Region = "RU",
    name: ListTitle = None,
    list_name: IntoList = None,
    sheet: Sheet = None,
    duplicates_by: By = SameBy.PHONE,
    duplicates_scope: Where = Scope.FILE,
    duplicates: Policy = Then.SKIP,
    consent: Consent = None,
    consent_proof: ConsentProof = None,
    columns: Columns = None,
    refused: Refused = None,
    dry_run: DryRun = False,
    client: ClientName = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Import a contact list. Every row is accounted for: accepted, or refused with its reason."""
    check_file(file)
    wishes = Wishes(
        file=file,
        name=name or file.stem,
        region=region,
        campaign=campaign,
        list_name=list_name,
        sheet=sheet,
        duplicates=DuplicatePolicy(duplicates_by, duplicates_scope, duplicates),
        consent=consent,
        consent_proof=consent_proof,
        columns=_pairs(columns or ()),
        refused=refused,
        client=client,
        dry_run=dry_run,
        as_json=as_json,
    )
    if wishes.needs_no_database():
        asyncio.run(_rehearse(wishes))
        return
    from cli.import_work import run  # opens the database: it takes seconds

    asyncio.run(run(wishes))


def check_file(file: Path) -> None:
    """Refuse a file that cannot be read or is too large, before anything is started.

    Raises:
        Invalid: it cannot be read.
        FileTooLarge: the sentence names the limit.
    """
    try:
        with file.open("rb"):
            check_size(file, USUAL_LIMITS, file.name)
    except OSError as error:
        raise Invalid(f"The file cannot be read: {error.strerror}.", file=str(file)) from error


def rehearsed(told: Rehearsal, table: OpenTable, mapping: dict[str, Any]) -> dict[str, Any]:
    """Return what a dry run prints."""
    return {
        "rows": told.rows_in,
        "accepted": told.rows_accepted,
        "refused": dict(told.refused_by_reason),
        "phones": told.phones,
        "numbers_skipped": told.numbers_skipped,
        "merged": told.merged,
        "warnings": dict(told.warnings),
        "columns": list(table.columns),
        "mapping": {one["column"]: one["field"] for one in mapping["columns"]},
        "shape": {key: value for key, value in asdict(table.shape).items() if value},
    }


async def _rehearse(wishes: Wishes) -> None:
    """Tell what would become of the rows; no database is opened, and no service started."""
    table = open_table(wishes.file, wishes.file.name, sheet=wishes.sheet)
    entries = changed_mapping(table, wishes.columns)
    plan = ImportPlan(
        client_id=_NOBODY,
        list_id=_NOBODY,
        region=wishes.region,
        mapping=Mapping.from_json(entries, table.columns),
        duplicates=wishes.duplicates,
        limits=NumberLimits(),  # a new client's
    )
    told = await rehearse(None, plan, table, clock=SystemClock())
    facts = rehearsed(told, table, entries)
    report(facts, as_json=wishes.as_json, title=f"Would import {wishes.file.name}")


def _pairs(said: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for one in said:
        column, equals, field = one.rpartition("=")
        if not equals or not column:
            raise Invalid("Write --map as Column=field, such as Handy=phone:mobile.", map=one)
        pairs[column] = field
    return pairs


def light_app() -> typer.Typer:
    """Return a program that has this command only: importing all the others takes seconds."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command("import")(import_file)
    app.callback()(lambda: None)
    return app
