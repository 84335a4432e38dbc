"""The dialing worker of the engine bench: production's worker, counting its statements.

``--each-alone`` is the baseline: every event is stored, and every call is opened, in a transaction of
its own, as a dialer without group commit would do it.
"""

import argparse
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import Engine, event

from dialer import logs
from dialer import settings as dialer_settings
from workers.dialing import dialling, writer
from workers.dialing.originator import Originator
from workers.main import run_dialing

counts: Counter[str] = Counter()


def count_statements() -> None:
    """Count every statement of this process; BEGIN and COMMIT by themselves."""

    def executed(*_: Any) -> None:
        counts["statements"] += 1

    def begun(*_: Any) -> None:
        counts["begins"] += 1

    def committed(*_: Any) -> None:
        counts["commits"] += 1

    event.listen(Engine, "before_cursor_execute", executed)
    event.listen(Engine, "begin", begun)
    event.listen(Engine, "commit", committed)


def store_each_alone() -> None:
    """Take group commit away."""
    writer.GATHER_S = 0.0
    writer.MOST_AT_ONCE = 1
    dialling.TURN_S = 0.0
    place = Originator.place

    async def one_by_one(self: Originator, count: int) -> int:
        return sum([await place(self, 1) for _ in range(count)])

    Originator.place = one_by_one  # type: ignore[method-assign]


def main() -> None:
    """Run until SIGTERM, then write what was counted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", type=int, required=True)
    parser.add_argument("--counts", type=Path, required=True)
    parser.add_argument("--each-alone", action="store_true")
    args = parser.parse_args()
    os.sched_setaffinity(0, {args.core})
    settings = dialer_settings.load()
    logs.configure(json=settings.log_json, level=settings.log_level)
    count_statements()
    if args.each_alone:
        store_each_alone()
    uvloop.run(run_dialing(settings))
    args.counts.write_text(json.dumps(counts))


if __name__ == "__main__":
    main()
