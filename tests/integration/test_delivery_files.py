"""A delivery's files in all formats: each re-read equals the database, in a layout that stays."""

import json
from pathlib import Path
from typing import Any

import pytest

from campaigns.delivery.deliveries.models import DeliveryPlan
from campaigns.delivery.deliveries.words import DeliveryState, FileFormat
from campaigns.delivery.layouts import keeping
from campaigns.delivery.layouts.columns import Layout, Pick
from campaigns.delivery.layouts.keeping import LayoutNotFound
from campaigns.models import Campaign
from campaigns.tenancy import looks
from campaigns.tenancy.looks import LookWish
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.deliveries_world import Delivering, delivery_settings
from tests.export_readers import csv_says, json_lines_say, parquet_says, spss_says, workbook_says
from tests.export_world import ExportWorld, columns_of, texts_of


@pytest.fixture
async def export(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> ExportWorld:
    return await ExportWorld.build(sessions, clock, tmp_path / "exports")


@pytest.fixture
def world(export: ExportWorld, database_url: str, redis_url: str, tmp_path: Path) -> Delivering:
    settings = delivery_settings(database_url, redis_url, tmp_path)
    ours: Any = (export.client_id, export.campaign_id, None, ())
    return Delivering(export.sessions, settings, export.clock, *ours)


async def _delivered(world: Delivering, plan: DeliveryPlan) -> tuple[Any, dict[str, Path]]:
    """Deliver a plan, and return the delivery with its files by format."""
    one = await world.order(plan)
    assert await world.sweep() == 1, await world.tries(one)
    folder = world.settings.deliveries() / one.hex
    files = {file.format: folder / file.name for file in await world.files(one)}
    assert sorted(files.values()) == sorted(folder.iterdir()), "nothing else is left behind"
    return await world.delivery(one), files


async def test_every_format_says_what_the_database_says(
    world: Delivering, export: ExportWorld
) -> None:
    wish = LookWish(name="Acme Voice & Co", accent="", accent_dark="")
    async with transaction(world.sessions) as session:
        await looks.change(session, world.client_id, wish, by=None, clock=world.clock)
    plan = await world.plan({"kind": "portal"}, formats=[one.value for one in FileFormat])
    row, files = await _delivered(world, plan)
    assert set(files) == {*(one.value for one in FileFormat), "manifest"}
    columns = await columns_of(export)
    texts = await texts_of(export, columns)
    csv_says(files["results_csv"], columns, texts)
    json_lines_say(files["results_jsonl"], columns, texts)
    parquet_says(files["results_parquet"], columns, texts)
    spss_says(files["results_sav"], columns, texts)
    book = workbook_says(files["results_xlsx"], columns, texts)
    assert (book.properties.creator, book.properties.title) == (
        "Acme Voice & Co",
        files["results_xlsx"].name.removesuffix("-results.xlsx"),
    )
    assert "Acme Voice && Co" in str(book["Codebook"].oddHeader.center.text)
    manifest = json.loads(files["manifest"].read_bytes())
    assert manifest["layout"] == {"number": 1, "columns": len(columns)}
    assert row.layout_number == 1
    rows = {one["format"]: one["rows"] for one in manifest["files"]}
    assert {rows[name] for name in rows if name.startswith("results")} == {len(texts)}
    refreshed = next(one for one in manifest["files"] if one["format"] == "refresh_zip")
    assert refreshed["facts"]["files"] == 1


async def test_a_plan_keeps_to_its_layout_or_goes_with_the_newest(
    world: Delivering, export: ExportWorld
) -> None:
    portal = {"kind": "portal"}
    with pytest.raises(LayoutNotFound):
        await world.plan(portal, layout_number=1)
    newest = await world.plan(portal)
    first, _ = await _delivered(world, newest)
    fixed = await world.plan(portal, layout_number=1)
    who: dict[str, Any] = {
        "client_id": world.client_id, "user_id": None, "clock": world.clock,
    }  # fmt: skip
    async with transaction(world.sessions) as session:
        picks = [Pick("Телефон", "Phone"), Pick("row", "row")]
        await keeping.save_draft(session, world.campaign_id, picks, **who)
        await keeping.freeze(session, world.campaign_id, **who)
    second, files = await _delivered(world, newest)
    columns = await columns_of(export)
    assert [column.name for column in columns] == ["Phone", "row"]
    csv_says(files["results_csv"], columns, await _picked(export, columns))
    old, kept = await _delivered(world, fixed)
    async with world.sessions() as session:
        campaign = await session.get_one(Campaign, world.campaign_id)
        layout = await keeping.find_layout(session, campaign, 1)
    assert layout is not None
    columns = Layout.read(layout.content).columns
    csv_says(kept["results_csv"], columns, await texts_of(export, columns))
    assert [one.layout_number for one in (first, second, old)] == [1, 2, 1]
    assert second.manifest["layout"] == {"number": 2, "columns": 2}
    assert second.state is DeliveryState.DELIVERED


async def _picked(export: ExportWorld, columns: Any) -> list[list[str]]:
    keys = {"Phone": "Телефон"}
    known = await export.expected()
    return [[row[keys.get(one.name, one.name)] for one in columns] for row in known]
