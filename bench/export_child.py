"""One export in a process of its own, so that its memory is its own: ``python -m bench.export_child``."""

import argparse
import asyncio
import json
import resource
from pathlib import Path
from time import perf_counter
from uuid import UUID

import uvloop

from campaigns.delivery import exports, making
from campaigns.delivery.words import ExportFormat
from campaigns.delivery.writing import writer
from dialer.clock import SystemClock
from dialer.db import make_engine, make_sessions, transaction
from dialer.settings import load


async def export(
    url: str, format_: ExportFormat, campaign_id: UUID, client_id: UUID, folder: Path
) -> dict[str, float]:
    """Write one export as a worker does, from asking for it to its state; return the figures."""
    engine = make_engine(url, pool_size=4)
    sessions, clock = make_sessions(engine), SystemClock()
    started = perf_counter()
    async with transaction(sessions) as session:
        row = await exports.ask(
            session, campaign_id, format_, client_id=client_id, user_id=None, clock=clock
        )
    done = await making.make(sessions, folder, row.id, clock=clock, write=writer(folder))
    seconds = perf_counter() - started
    async with sessions() as session:
        ended = await exports.find_export(session, row.id, client_id=client_id)
    await engine.dispose()
    assert done, ended.state_reason
    await asyncio.to_thread(exports.path_of(folder, ended).unlink)
    return {
        "rows": ended.rows_done,
        "seconds": round(seconds, 2),
        "rows_per_s": round(ended.rows_done / seconds),
        "file_mb": round(ended.size / 1e6, 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def main() -> None:
    """Print the figures of one format as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("format", type=ExportFormat)
    parser.add_argument("campaign", type=UUID)
    parser.add_argument("client", type=UUID)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    url = load().database()
    print(json.dumps(uvloop.run(export(url, args.format, args.campaign, args.client, args.folder))))


if __name__ == "__main__":
    main()
