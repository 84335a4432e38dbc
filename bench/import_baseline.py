"""The baselines of the import bench: the same clean rows, already rendered, by COPY and nothing else."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from campaigns.lists.writing.rendering import CONTACT_COLUMNS, LEAD_COLUMNS, PHONE_COLUMNS

_TABLES = {"contact": CONTACT_COLUMNS, "phone": PHONE_COLUMNS, "lead": LEAD_COLUMNS}


@dataclass(frozen=True, slots=True)
class Baseline:
    """Seconds one COPY of each table took, in one transaction with its commit."""

    unindexed_s: float  #: into tables with the same columns and nothing else
    indexed_s: float  #: into tables with the same indexes and checks, without triggers


async def measure_copy(engine: AsyncEngine, folder: Path) -> Baseline:
    """Write what an import stored to files, and copy them into empty twins of its tables."""
    files = {name: folder / f"{name}.copy" for name in _TABLES}
    async with engine.begin() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for name, columns in _TABLES.items():
            await driver.copy_from_table(
                name, output=str(files[name]), columns=list(columns), format="binary"
            )
    unindexed = await _copy(engine, files, "bare", "INCLUDING DEFAULTS")
    indexed = await _copy(engine, files, "twin", "INCLUDING ALL")
    return Baseline(round(unindexed, 2), round(indexed, 2))


async def _copy(engine: AsyncEngine, files: dict[str, Path], prefix: str, like: str) -> float:
    async with engine.begin() as connection:
        for name in _TABLES:
            await connection.execute(text(f"CREATE TABLE {prefix}_{name} (LIKE {name} {like})"))
    async with engine.connect() as connection:
        started = perf_counter()
        await connection.execute(text("SELECT 1"))
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for name, columns in _TABLES.items():
            target = f"{prefix}_{name}"
            await driver.copy_to_table(
                target, source=str(files[name]), columns=list(columns), format="binary", timeout=300
            )
        await connection.commit()
        return perf_counter() - started
