"""Exports: every format re-read equals the database, row by row, whatever the cells hold."""

from pathlib import Path
from typing import Any

import pytest

from campaigns.delivery.words import ExportFormat
from campaigns.lists.columns.cells import guarded
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.export_readers import csv_says, json_lines_say, parquet_says, spss_says, workbook_says
from tests.export_world import ExportWorld, columns_of, texts_of


@pytest.fixture
async def world(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> ExportWorld:
    return await ExportWorld.build(sessions, clock, tmp_path / "exports")


async def test_csv_says_what_the_database_says_and_nothing_runs(world: ExportWorld) -> None:
    wishes: tuple[dict[str, Any], ...] = (
        {},
        {"separator": ";", "bom": False},
        {"separator": "\t"},
        {"guard": False},
    )
    for said in wishes:
        path = await world.made(ExportFormat.CSV, options=said)
        assert path.read_bytes().startswith(b"\xef\xbb\xbf") is said.get("bom", True)
        columns = await columns_of(world)
        names = [column.name for column in columns]
        assert names[:5] == ["Имя", "Телефон", "note", "attempts", "q1"], "the client's first"
        csv_says(
            path, columns, await texts_of(world, columns), separator=said.get("separator", ","),
            told=guarded if said.get("guard", True) else str,
        )  # fmt: skip


async def test_json_lines_say_what_the_database_says(world: ExportWorld) -> None:
    path = await world.made(ExportFormat.JSONL)
    columns = await columns_of(world)
    json_lines_say(path, columns, await texts_of(world, columns))


async def test_a_workbook_says_what_the_database_says(world: ExportWorld) -> None:
    path = await world.made(ExportFormat.XLSX)
    columns = await columns_of(world)
    path = path.rename(path.with_suffix(".xlsx"))
    book = workbook_says(path, columns, await texts_of(world, columns))
    phones = {cell.data_type for cell in book["Results"]["B"]}
    assert phones == {"s"}, "telephone numbers are texts"
    codebook = [list(row) for row in book["Codebook"].iter_rows(values_only=True)]
    assert ["answer_q1", "Text of q1", "choice", "own", "Other"] in codebook
    assert ["q2_a", "Text of q2: A", "flag", "refused", "refused"] in codebook
    assert book.properties.creator == "Outdial"
    assert sorted(path.parent.iterdir()) == [path], "nothing is left behind"


@pytest.mark.parametrize("format_", [ExportFormat.SAV, ExportFormat.ZSAV])
async def test_spss_says_what_the_database_says(world: ExportWorld, format_: ExportFormat) -> None:
    path = await world.made(format_)
    columns = await columns_of(world)
    named = path.rename(path.with_suffix(f".{format_.value}"))
    meta = spss_says(named, columns, await texts_of(world, columns))
    assert meta.column_names[:3] == ["Имя", "Телефон", "note"]
    q1 = next(name for name in meta.column_names if name.endswith("answer_q1"))
    assert meta.variable_value_labels[q1][3.0] == "Other"
    assert meta.missing_ranges[q1] == [{"lo": one, "hi": one} for one in (-97, -98, -99)]
    assert meta.mr_sets["q2"]["variable_list"] == ["q2_a", "q2_b", "q2_c"]
    assert meta.mr_sets["q2"]["counted_value"] == 1


async def test_parquet_says_what_the_database_says(world: ExportWorld) -> None:
    path = await world.made(ExportFormat.PARQUET)
    columns = await columns_of(world)
    parquet_says(path, columns, await texts_of(world, columns))
