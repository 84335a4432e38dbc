"""How fast a million results become a file of each format: ``python -m bench.exports``.

The baseline is PostgreSQL's COPY of the same SELECT, in the same run on the same server. Every format is
written by a process of its own, whose peak memory is measured.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import uvloop
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bench.engine import machine
from bench.export_section import section
from bench.export_world import Made, make_world
from bench.report import save, write_section
from campaigns.delivery.layouts.columns import Layout
from campaigns.delivery.layouts.proposing import proposed_layout
from campaigns.delivery.layouts.statement import rows_statement
from campaigns.delivery.rows import LONGEST_S, snapshot
from campaigns.delivery.words import ExportFormat
from campaigns.models import Campaign
from cli.embedded.services import Services
from cli.migrations import migrate
from dialer.db import make_engine, make_sessions
from dialer.settings import PROJECT_ROOT, child_environment, load

DATABASE = "export"
FORMATS = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.SAV, ExportFormat.PARQUET)
MORE_FORMATS = (ExportFormat.JSONL, ExportFormat.ZSAV)


async def fresh_database(services: Services) -> str:
    """Return the URL of an empty database with all tables."""
    admin = services.ensure_postgres()
    server = create_async_engine(admin, isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        await connection.execute(text(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)'))
        await connection.execute(text(f'CREATE DATABASE "{DATABASE}"'))
    await server.dispose()
    url = make_url(admin).set(database=DATABASE).render_as_string(hide_password=False)
    await migrate(url)
    return url


async def copy_baseline(engine: AsyncEngine, made: Made, layout: Layout) -> float:
    """Return how many seconds PostgreSQL's COPY of the same SELECT takes, in the same kind of snapshot."""
    statement = rows_statement(layout, made.campaign_id, client_id=made.client_id)
    async with snapshot(make_sessions(engine)) as session:
        raw: Any = (await (await session.connection()).get_raw_connection()).driver_connection
        started = perf_counter()
        await raw.copy_from_query(statement, output=_nowhere, format="csv", timeout=LONGEST_S)
        return perf_counter() - started


async def _nowhere(data: bytes) -> None:
    del data


async def layout_of(engine: AsyncEngine, made: Made) -> Layout:
    """Return the layout that the exports will have."""
    async with make_sessions(engine)() as session:
        return await proposed_layout(session, await session.get_one(Campaign, made.campaign_id))


def in_a_process(url: str, format_: ExportFormat, made: Made, folder: Path) -> dict[str, Any]:
    """Write one format in a process of its own and return its figures."""
    done = subprocess.run(
        [
            sys.executable, "-m", "bench.export_child", format_.value, str(made.campaign_id),
            str(made.client_id), str(folder),
        ],
        env=child_environment(load(), {"OUTDIAL_DATABASE_URL": url}), cwd=PROJECT_ROOT, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


async def measure(
    services: Services, rows: int, folder: Path, wanted: Sequence[ExportFormat]
) -> dict[str, Any]:
    """Measure COPY, every wanted format, and COPY again."""
    url = await fresh_database(services)
    engine = make_engine(url, command_timeout_s=900)
    try:
        made = await make_world(engine, rows)
        layout = await layout_of(engine, made)
        await copy_baseline(engine, made, layout)  # brings the pages into memory
        copies = [await copy_baseline(engine, made, layout)]
        formats = {
            one.value: await asyncio.to_thread(in_a_process, url, one, made, folder)
            for one in wanted
        }
        copies.append(await copy_baseline(engine, made, layout))
    finally:
        await engine.dispose()
    seconds = min(copies)
    assert {one["rows"] for one in formats.values()} == {rows}
    return {
        "rows": rows,
        "columns": len(layout.columns),
        "csv_ratio_to_copy": round(formats["csv"]["rows_per_s"] / (rows / seconds), 3),
        "peak_rss_mb": max(one["peak_rss_mb"] for one in formats.values()),
        "rows_per_s": {name: one["rows_per_s"] for name, one in formats.items()},
        "formats": formats,
        "baseline": {
            "name": "COPY (the same SELECT) TO STDOUT, thrown away",
            "seconds": round(seconds, 2),
            "all_seconds": [round(one, 2) for one in copies],
            "rows_per_s": round(rows / seconds),
        },
    }


def bench(rows: int, instance: str, wanted: Sequence[ExportFormat]) -> dict[str, Any]:
    """Measure on a server of its own."""
    facts = machine()
    services = Services(PROJECT_ROOT / ".run", instance=instance)
    services.run_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=services.run_dir) as folder:
        try:
            figures = uvloop.run(
                measure(services, rows, Path(folder), wanted)
            )  # as every process of ours
        finally:
            services.stop_all()
    return {**figures, "machine": facts}


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--instance", default="bench", help="which embedded servers to use")
    parser.add_argument("--keep", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--all", action="store_true", help="JSON lines and packed SPSS, too")
    args = parser.parse_args()
    wanted = (*FORMATS, *MORE_FORMATS) if args.all else FORMATS
    figures = bench(args.rows, args.instance, wanted)
    if args.keep:
        save("export", figures)
        write_section("export", section(figures))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
