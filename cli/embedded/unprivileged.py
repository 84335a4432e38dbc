"""Run a program as another user than root, even below folders that user may not enter."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable
from pathlib import Path

from cli.embedded.process import EmbeddedError

#: Capabilities that let a process pass folders of others, the narrower first, with their bits.
#: Source: capabilities(7). Container engines often withhold the first and grant the second.
PASSES = (("dac_read_search", 2), ("dac_override", 1))


def owner_for(data: Path) -> tuple[int, int]:
    """Return the user and group that shall run a server which refuses to be root.

    It is whoever owns the data already, else ``postgres`` where that user exists, else ``nobody``.
    """
    if data.exists() and data.stat().st_uid:
        return data.stat().st_uid, data.stat().st_gid
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise EmbeddedError("there is neither a user postgres nor a user nobody")


def prefix(uid: int, gid: int, paths: Iterable[Path]) -> list[str]:
    """Return the command that runs another one as a user, able to reach ``paths``.

    Changing the modes of somebody's folders would be rude, so where a folder on the way is closed
    the program gets one capability instead. ``no_setuid_fixup`` makes access(2) respect it, which
    PostgreSQL asks about its own binaries.

    Raises:
        EmbeddedError: a folder is closed and this process has no capability to lend.
    """
    argv = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    if closed := [path for path in paths if not _reachable(path, uid)]:
        name = _lendable(closed[0])
        argv += ["--securebits=+no_setuid_fixup", f"--inh-caps=+{name}", f"--ambient-caps=+{name}"]
    return argv


def _reachable(path: Path, uid: int) -> bool:
    return all(
        parent.stat().st_mode & 0o001 or parent.stat().st_uid == uid
        for parent in path.resolve().parents
    )


def _lendable(closed: Path) -> str:
    held = _permitted()
    for name, bit in PASSES:
        if held >> bit & 1:
            return name
    raise EmbeddedError(f"{closed} lies in a folder that only its owner may enter: chmod o+x it")


def _permitted() -> int:
    lines = Path(f"/proc/{os.getpid()}/status").read_text().splitlines()
    fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return int(fields["CapPrm"], 16) & int(fields["CapBnd"], 16)
