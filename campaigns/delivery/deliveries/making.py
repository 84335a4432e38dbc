"""Making a delivery: its files, what changed, the manifest; stored in one transaction with its next state.

Killed in the middle nothing of it is stored, and whoever comes next begins with an empty folder. Files and
changes are of one snapshot of the database.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries import changes
from campaigns.delivery.deliveries.changes import Changes
from campaigns.delivery.deliveries.files import DeliveryFolder, MadeFile, write_bytes, write_table
from campaigns.delivery.deliveries.going import hold_files
from campaigns.delivery.deliveries.models import Delivery, DeliveryFile, DeliveryPlan
from campaigns.delivery.deliveries.words import DeliveryState, FileFormat
from campaigns.delivery.deliveries.writing import Content, make_files
from campaigns.delivery.layouts.columns import Layout
from campaigns.delivery.layouts.keeping import layout_for_export
from campaigns.delivery.models import ExportLayout
from campaigns.delivery.preparing import prepare_results
from campaigns.delivery.rows import tune
from campaigns.models import Campaign
from campaigns.tenancy import looks
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction

CHANGES_FORMAT = "changes_csv"
MANIFEST_FORMAT = "manifest"
#: Version of the manifest's own fields.
MANIFEST_VERSION = 1


async def make(
    sessions: SessionFactory,
    folder: DeliveryFolder,
    delivery_id: UUID,
    *,
    originals: Path,
    clock: Clock,
) -> None:
    """Make the files of a delivery that waits for them; nothing happens to one that does not.

    Whoever makes it holds its plan; ``originals`` is the folder of the clients' own files.

    Raises:
        OutdialError: an export refused.
        OSError: the disk is full, or cannot be written.
    """
    async with _chosen(sessions, delivery_id, clock) as layout:
        if layout is None:
            return
        async with transaction(sessions) as session:
            await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            await tune(session)
            statement = select(Delivery).where(col(Delivery.id) == delivery_id).with_for_update()
            delivery = (await session.exec(statement)).one()
            # The instant of the snapshot: what comes later is the next delivery's.
            made_at = clock.now()
            plan = await session.get_one(DeliveryPlan, delivery.plan_id)
            campaign = await session.get_one(Campaign, delivery.campaign_id)
            delivery.turn = await _next_turn(session, plan.id)
            delivery.layout_number = layout.number
            session.add(delivery)
            await session.flush()  # its results name the turn
            _count(delivery, await changes.compare(session, delivery), made_at)
            home = await asyncio.to_thread(folder.begin, delivery.id)
            content = await _content(session, delivery, campaign, layout, originals)
            files = await _written(session, content, plan, delivery, home)
            await _tell(session, delivery, campaign, layout, files)
            _store(session, delivery, files)
            await asyncio.to_thread(folder.keep, delivery.id)


async def _content(
    session: AsyncSession,
    delivery: Delivery,
    campaign: Campaign,
    layout: ExportLayout,
    originals: Path,
) -> Content:
    return Content(
        campaign.id,
        campaign.client_id,
        Layout.read(layout.content),
        delivery.made_at or delivery.created_at,
        stem_of(campaign.name, delivery),
        await looks.shown_name(session, campaign.client_id),
        originals,
    )


@asynccontextmanager
async def _chosen(
    sessions: SessionFactory, delivery_id: UUID, clock: Clock
) -> AsyncIterator[ExportLayout | None]:
    """Give the frozen layout of a delivery that waits for its files, None of another one.

    Interviews' results are worked out, and nobody of the campaign is erased until the end: who is erased
    before is not in the files, and who is erased afterwards takes them away.
    """
    async with sessions() as holding:
        delivery = await holding.get_one(Delivery, delivery_id)
        if delivery.state is not DeliveryState.WAITING:
            yield None
            return
        async with transaction(sessions) as session:
            plan = await session.get_one(DeliveryPlan, delivery.plan_id)
            campaign = await session.get_one(Campaign, delivery.campaign_id)
            layout = await layout_for_export(
                session, campaign, plan.layout_number, user_id=None, clock=clock
            )
        await prepare_results(sessions, campaign.id, client_id=campaign.client_id)
        await hold_files(holding, campaign.id)
        yield layout


async def _written(
    session: AsyncSession, content: Content, plan: DeliveryPlan, delivery: Delivery, home: Path
) -> list[MadeFile]:
    """Write the files of the plan's formats and, from its second delivery on, what changed."""
    formats = tuple(FileFormat(one) for one in plan.formats)
    files = await make_files(session, content, formats, folder=home, stem=content.title)
    if delivery.turn != 1:
        rows = await changes.listed(session, delivery.id, delivery.client_id)
        path = home / f"{content.title}-changes.csv"
        files.append(await asyncio.to_thread(write_table, path, CHANGES_FORMAT, rows))
    return files


async def _tell(
    session: AsyncSession,
    delivery: Delivery,
    campaign: Campaign,
    layout: ExportLayout,
    files: list[MadeFile],
) -> None:
    """Add the manifest to the files: the last one, so that where it is, all are."""
    named = {"number": layout.number, "columns": len(layout.content["columns"])}
    before = await _before(session, delivery)
    manifest = manifest_of(delivery, campaign, files, layout=named, before=before)
    data = json.dumps(manifest, ensure_ascii=False, indent=2).encode() + b"\n"
    path = files[0].path.with_name(f"{stem_of(campaign.name, delivery)}-manifest.json")
    files.append(await asyncio.to_thread(write_bytes, path, MANIFEST_FORMAT, data))
    delivery.manifest, delivery.manifest_sha256 = manifest, files[-1].sha256
    delivery.bytes_total = sum(one.size for one in files)


def stem_of(campaign: str, delivery: Delivery) -> str:
    """Return what names of a delivery's files begin with: the same for the same delivery, always.

    Two plans may deliver to one folder, so the name has a piece of the plan's id.
    """
    said = "-".join(
        re.sub(r"[^\w+-]+", "-", one, flags=re.ASCII).strip("-")
        for one in (campaign, delivery.period)
    )
    again = f"-v{delivery.number}" if delivery.number > 1 else ""
    return f"{said.strip('-')[:80]}-{delivery.plan_id.hex[-6:]}{again}"


def manifest_of(
    delivery: Delivery,
    campaign: Campaign,
    files: Sequence[MadeFile],
    *,
    layout: dict[str, Any],
    before: UUID | None,
) -> dict[str, Any]:
    """Return what the client can check a delivery against."""
    return {
        "manifest_version": MANIFEST_VERSION,
        "delivery": str(delivery.id),
        "campaign": {"id": str(campaign.id), "name": campaign.name},
        "plan": str(delivery.plan_id),
        "period": delivery.period,
        "number": delivery.number,
        "layout": layout,
        "made_at": (delivery.made_at or delivery.created_at).isoformat(),
        "results": delivery.results,
        "since": str(before) if before else None,
        "changes": {
            "added": delivery.added,
            "changed": delivery.changed,
            "removed": delivery.removed,
        },
        "files": [
            {
                "name": one.name,
                "format": one.format,
                "rows": one.rows,
                "size": one.size,
                "sha256": one.sha256,
                **({"facts": dict(one.facts)} if one.facts else {}),
            }
            for one in files
        ],
    }


def _count(delivery: Delivery, counted: Changes, made_at: datetime) -> None:
    delivery.made_at, delivery.results = made_at, counted.results
    delivery.added, delivery.changed = counted.added, counted.changed
    delivery.removed = counted.removed
    delivery.state = DeliveryState.SENDING


def _store(session: AsyncSession, delivery: Delivery, files: Sequence[MadeFile]) -> None:
    session.add(delivery)
    session.add_all(
        DeliveryFile(
            delivery_id=delivery.id,
            position=position,
            client_id=delivery.client_id,
            name=one.name,
            format=one.format,
            rows=one.rows,
            size=one.size,
            sha256=one.sha256,
        )
        for position, one in enumerate(files)
    )


async def _next_turn(session: AsyncSession, plan_id: UUID) -> int:
    """Return the number of the plan's next making; whoever makes holds the plan's lock."""
    latest = select(func.max(Delivery.turn)).where(col(Delivery.plan_id) == plan_id)
    return ((await session.exec(latest)).one() or 0) + 1


async def _before(session: AsyncSession, delivery: Delivery) -> UUID | None:
    """Return the plan's delivery before, which the changes are counted against."""
    before = (col(Delivery.plan_id) == delivery.plan_id, col(Delivery.turn) < delivery.turn)
    made = select(Delivery.id).where(*before, col(Delivery.made_at).is_not(None))
    return (await session.exec(made.order_by(col(Delivery.turn).desc()).limit(1))).first()
