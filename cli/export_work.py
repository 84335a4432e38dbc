"""Making an export from the command line: the same row, the same layout and the same file as by a worker."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from campaigns.delivery import exports, making
from campaigns.delivery.models import Export
from campaigns.delivery.words import ExportFormat
from campaigns.delivery.writing import writer
from campaigns.models import Campaign
from cli.installation import Opened
from dialer.db import transaction
from dialer.errors import Invalid


async def make_file(
    work: Opened,
    campaign: Campaign,
    out: Path,
    format_: ExportFormat,
    *,
    layout: int | None,
    options: Mapping[str, Any],
) -> Export:
    """Ask for an export, write it, put a copy of its file to ``out``, and return its row.

    Raises:
        LayoutNotFound: the campaign has no frozen layout of this number.
        Invalid: the export failed.
    """
    whose: dict[str, Any] = {"client_id": work.client_id}
    async with transaction(work.sessions) as session:
        row = await exports.ask(
            session,
            campaign.id,
            format_,
            layout=layout,
            options=options,
            user_id=None,
            clock=work.clock,
            **whose,
        )
    folder, write = work.settings.exports(), writer(work.settings.uploads())
    await making.make(work.sessions, folder, row.id, clock=work.clock, write=write)
    async with work.sessions() as session:
        done = await exports.find_export(session, row.id, **whose)
    if done.state_reason:
        raise Invalid(done.state_reason)
    await asyncio.to_thread(shutil.copyfile, exports.path_of(folder, done), out)
    return done
