"""Where a run's servers keep what they are asked to forget: in memory, if the machine has room there.

Each test copies a database of some thousand files and drops it. ext4 does not give an inode to a new file
for seconds after it was freed and looks at all of those first: beside other tests a copy took 367 ms there
(0.39 s of processor), and 22 ms in memory (4 ms). It was half of all the time that the tests took.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from cli.embedded.services import Services

_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own in it, whose owner is looked at
#: Three servers with their logs; a test of recordings or lists adds some hundred megabytes for a moment.
_ROOM_BYTES = 6 << 30
#: Nothing is written twice for a crash or a replica; dropping a database looks at each buffer.
_POSTGRES = (
    *("shared_buffers=256MB", "max_wal_size=512MB"),
    *("wal_level=minimal", "max_wal_senders=0"),
)


@contextmanager
def servers(run_dir: Path, instance: str) -> Iterator[Services]:
    """Yield an instance's servers, and stop them; what they kept in memory is gone then."""
    memory = _in_memory(run_dir)
    run = Services(
        memory or run_dir,
        instance=instance,
        asterisk_root=run_dir / "asterisk",
        fsync=False,
        postgres_settings=_POSTGRES,
    )
    yield run
    run.stop_all()
    if memory:
        shutil.rmtree(run.run_dir, ignore_errors=True)


def copying(services: Services) -> str:
    """Return how PostgreSQL best copies a database there."""
    return "FILE_COPY" if services.run_dir.is_relative_to(_MEMORY) else "WAL_LOG"


def _in_memory(run_dir: Path) -> Path | None:
    """Return this checkout's folder in memory; None without such a file system, room in it, or ours."""
    if not os.path.ismount(_MEMORY) or not os.access(_MEMORY, os.W_OK):
        return None
    if shutil.disk_usage(_MEMORY).free < _ROOM_BYTES:
        return None
    place = _MEMORY / f"outdial-tests-{sha256(str(run_dir).encode()).hexdigest()[:12]}"
    place.mkdir(exist_ok=True)
    return place if place.lstat().st_uid == os.geteuid() and not place.is_symlink() else None
