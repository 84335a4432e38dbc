"""Which writer writes which export."""

from pathlib import Path

from campaigns.delivery.making import Told, Writer
from campaigns.delivery.models import Export
from campaigns.delivery.refresh.bundle import write_refresh
from campaigns.delivery.results_file import write_results
from campaigns.delivery.words import ExportFormat
from dialer.db import SessionFactory


def writer(uploads: Path) -> Writer:
    """Return what writes exports of every format; clients' original files are in ``uploads``."""

    async def write(sessions: SessionFactory, row: Export, part: Path, told: Told) -> None:
        if row.format is ExportFormat.REFRESH:
            await write_refresh(sessions, row, part, told, originals=uploads)
        else:
            await write_results(sessions, row, part, told)

    return write
