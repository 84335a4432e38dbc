"""How fast a dirty list becomes contacts and leads: ``python -m bench.imports``.

A file of a million rows is opened, sorted, looked up and written with its refusals and leads, in one
transaction, as the background worker does it. The baseline is the bare COPY of the same clean rows, in
the same run on the same server.
"""

import argparse
import asyncio
import json
import resource
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import uvloop
from pyroaring import BitMap64
from sqlalchemy import func, make_url, select, table, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bench.engine import machine
from bench.import_baseline import Baseline, measure_copy
from bench.import_file import DirtyFile, write_file
from bench.import_section import section
from bench.report import save, write_section
from campaigns.lists.models import ContactList
from campaigns.lists.reading.tables import open_table
from campaigns.lists.writing.importing import ImportPlan, ImportReport, write_import
from campaigns.models import Campaign
from campaigns.tenancy.models import Client
from cli.embedded.services import Services
from cli.migrations import migrate
from compliance.dnc.bitmaps import bitmap_of
from dialer.clock import SystemClock
from dialer.db import make_engine, make_sessions, transaction
from dialer.settings import PROJECT_ROOT

DATABASE = "import"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the run measured."""

    rows: int
    seconds: float  #: from opening the file to the commit
    rows_per_s: float
    peak_rss_mb: float  #: of the importing process, the generator of the file included
    accepted: int
    refused: int
    phones: int
    leads: int
    dnc_listed: int
    places: int


async def fresh_engine(services: Services) -> AsyncEngine:
    """Return an engine on an empty database with all tables."""
    admin = services.ensure_postgres()
    server = create_async_engine(admin, isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        await connection.execute(text(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)'))
        await connection.execute(text(f'CREATE DATABASE "{DATABASE}"'))
    await server.dispose()
    url = make_url(admin).set(database=DATABASE).render_as_string(hide_password=False)
    await migrate(url)
    return make_engine(url)


async def measure_import(engine: AsyncEngine, file: DirtyFile) -> Figures:
    """Import the file into one list and one campaign, and count what is stored."""
    sessions, clock = make_sessions(engine), SystemClock()

    def listed(numbers: Iterable[int]) -> BitMap64:
        return file.dnc & bitmap_of(np.sort(np.fromiter(numbers, dtype=np.uint64)))

    async with transaction(sessions) as session:
        client = Client(name="Bench", created_at=clock.now())
        session.add(client)
        await session.flush()
        campaign = Campaign(client_id=client.id, name="Import", created_at=clock.now())
        session.add(campaign)
        await session.flush()
    started = perf_counter()
    async with transaction(sessions) as session:
        opened = await asyncio.to_thread(open_table, file.path, file.path.name)
        contact_list = ContactList(
            client_id=client.id,
            name="Bench",
            file_name=file.path.name,
            file_sha256="0" * 64,
            region="RU",
            imported_at=clock.now(),
        )
        session.add(contact_list)
        await session.flush()
        plan = ImportPlan(
            client_id=client.id, list_id=contact_list.id, region="RU", campaign_id=campaign.id
        )
        report = await write_import(session, plan, opened, clock=clock, dnc={"RU-OWN": listed})
    seconds = perf_counter() - started
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return await _figures(engine, file, report, seconds, rss)


async def _figures(
    engine: AsyncEngine, file: DirtyFile, report: ImportReport, seconds: float, rss_mb: float
) -> Figures:
    async with engine.connect() as connection:
        counts = {
            name: (
                await connection.execute(select(func.count()).select_from(table(name)))
            ).scalar_one()
            for name in ("contact", "phone", "lead", "refused_row", "place")
        }
    refused = file.duplicates + file.invalid
    assert (report.rows_in, report.rows_refused) == (file.rows, refused), report.refused_by_reason
    assert counts["contact"] == counts["lead"] == report.rows_accepted == file.rows - refused
    assert (counts["phone"], counts["refused_row"]) == (report.phones, refused)
    assert report.warnings["dnc_listed"] == len(file.dnc)
    return Figures(
        rows=file.rows,
        seconds=round(seconds, 2),
        rows_per_s=round(file.rows / seconds),
        peak_rss_mb=round(rss_mb, 1),
        accepted=report.rows_accepted,
        refused=refused,
        phones=report.phones,
        leads=counts["lead"],
        dnc_listed=report.warnings["dnc_listed"],
        places=counts["place"],
    )


async def measure(services: Services, file: DirtyFile) -> tuple[Figures, Baseline]:
    """Measure the import, and the COPY of what it stored."""
    engine = await fresh_engine(services)
    try:
        figures = await measure_import(engine, file)
        return figures, await measure_copy(engine, file.path.parent)
    finally:
        await engine.dispose()


def bench(rows: int, instance: str) -> dict[str, Any]:
    """Measure on a server of its own."""
    facts = machine()
    services = Services(PROJECT_ROOT / ".run", instance=instance)
    services.run_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=services.run_dir) as folder:
        file = write_file(Path(folder) / "list.csv", rows)
        try:
            figures, base = uvloop.run(measure(services, file))  # as every process of ours
        finally:
            services.stop_all()
    return {
        **asdict(figures),
        "baseline": {
            "name": "COPY of the same clean rows into tables without indexes",
            "seconds": base.unindexed_s,
            "rows_per_s": round(figures.accepted / base.unindexed_s),
        },
        "indexed": {
            "name": "COPY of the same clean rows into tables with the same indexes",
            "seconds": base.indexed_s,
            "rows_per_s": round(figures.accepted / base.indexed_s),
        },
        "ratio_to_copy": round(figures.seconds / base.unindexed_s, 2),
        "ratio_to_indexed_copy": round(figures.seconds / base.indexed_s, 2),
        "machine": facts,
    }


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--instance", default="bench", help="which embedded servers to use")
    parser.add_argument("--keep", action=argparse.BooleanOptionalAction, default=True)
    args = parser.parse_args()
    figures = bench(args.rows, args.instance)
    if args.keep:
        save("import", figures)
        write_section("import", section(figures))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
