"""All embedded services of one instance behind one door: start what is missing, reuse the rest."""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from cli.embedded import asterisk_install
from cli.embedded.asterisk import AriEndpoint, AsteriskServer
from cli.embedded.asterisk_config import AgentEndpoint, AsteriskConfig, TrunkEndpoint
from cli.embedded.locks import locked
from cli.embedded.ports import PortBook
from cli.embedded.postgres import PostgresServer
from cli.embedded.process import Daemon, EmbeddedError, write_private
from cli.embedded.redis import RedisServer
from dialer.sealing import new_key

#: Names that are safe as folders and as part of Asterisk's paths.
INSTANCE = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
ARI_USER = "outdial"

T = TypeVar("T")


class Services:
    """The servers of one instance. Several commands may use one instance at the same time.

    Args:
        run_dir: The folder for data of embedded services, usually ``.run``.
        instance: Which set of data and ports; instances do not see each other.
        database_url: A database that exists elsewhere; none = the embedded one.
        redis_url: A Redis that exists elsewhere; none = the embedded one.
        asterisk_root: Where Asterisk is installed; none = ``asterisk`` below ``run_dir``. Instances
            that share a root folder need different names.
        fsync: False only for tests.
        postgres_settings: Settings (``name=value``) that count instead of the embedded server's usual ones.

    Raises:
        ValueError: the instance's name is not one of lower-case letters, digits and hyphens.
    """

    def __init__(
        self,
        run_dir: Path,
        instance: str = "main",
        *,
        database_url: str | None = None,
        redis_url: str | None = None,
        asterisk_root: Path | None = None,
        fsync: bool = True,
        postgres_settings: Sequence[str] = (),
    ) -> None:
        if not INSTANCE.fullmatch(instance) or instance == "asterisk":
            raise ValueError(f"not a name for an instance: {instance!r}")
        run_dir = run_dir.resolve()
        self.instance = instance
        self.run_dir = run_dir / instance
        self.asterisk_root = asterisk_root or run_dir / "asterisk"
        self.asterisk: AsteriskServer | None = None
        self._database_url = database_url
        self._redis_url = redis_url
        # The seed is the place, so two checkouts begin their search at different ports.
        self.ports = PortBook(self.run_dir / "ports.json", random.Random(str(self.run_dir)))
        self.postgres = PostgresServer(
            self.run_dir, self.ports, fsync=fsync, more=postgres_settings
        )
        self.redis = RedisServer(self.run_dir, self.ports)
        self._asterisk_daemon = Daemon(self.run_dir / "asterisk.pid.json")

    @property
    def asterisk_installed(self) -> bool:
        """True when the root folder is there; ``make asterisk`` makes it."""
        return asterisk_install.installed(self.asterisk_root)

    def ensure_postgres(self) -> str:
        """Return the URL of a database that answers; starts the embedded server if need be."""
        return self._database_url or self._alone(self.postgres.start)

    def ensure_redis(self) -> str:
        """Return the URL of a Redis that answers; starts the embedded server if need be."""
        return self._redis_url or self._alone(self.redis.start)

    def asterisk_config(
        self,
        *,
        trunks: tuple[TrunkEndpoint, ...] = (),
        agents: tuple[AgentEndpoint, ...] = (),
    ) -> AsteriskConfig:
        """Return a configuration with this instance's ports and password.

        The ports of a running Asterisk are kept; those of a stopped one only if they are free.
        """
        return self._alone(lambda: self._config(trunks, agents))

    def ensure_asterisk(self, config: AsteriskConfig) -> AriEndpoint:
        """Start Asterisk, or reload a running one when its configuration changed.

        Raises:
            EmbeddedError: it is not installed, or does not start.
        """
        return self.start_asterisk(config)[1]

    def start_asterisk(self, config: AsteriskConfig) -> tuple[AsteriskServer, AriEndpoint]:
        """Do what :meth:`ensure_asterisk` does, and return the server too.

        Raises:
            EmbeddedError: it is not installed, or does not start.
        """
        if not self.asterisk_installed:
            raise EmbeddedError("Asterisk is not installed: run `make asterisk`")
        self.asterisk = AsteriskServer(self.asterisk_root, self.run_dir, config)
        return self.asterisk, self._alone(self.asterisk.start)

    def stop_all(self) -> None:
        """Stop every embedded server of this instance, whoever started it. Data stays."""
        self._alone(self._stop)

    def _config(
        self, trunks: tuple[TrunkEndpoint, ...], agents: tuple[AgentEndpoint, ...]
    ) -> AsteriskConfig:
        keep = self._asterisk_daemon.find() is not None
        rtp_start, rtp_end = self.ports.rtp(keep=keep)
        return AsteriskConfig(
            instance=self.instance,
            sip_port=self.ports.udp("sip", keep=keep),
            http_port=self.ports.tcp("ari", keep=keep),
            rtp_start=rtp_start,
            rtp_end=rtp_end,
            ari_user=ARI_USER,
            ari_password=self._ari_password(),
            trunks=trunks,
            agents=agents,
        )

    def _ari_password(self) -> str:
        path = self.run_dir / "ari.secret"
        if not path.exists():
            write_private(path, secrets.token_hex(24))
        return path.read_text()

    def secret_keys(self) -> str:
        """Return the keys that seal this instance's secrets; one is made at first."""
        return self._alone(self._secret_keys)

    def _secret_keys(self) -> str:
        path = self.run_dir / "secret.keys"
        if not path.exists():
            write_private(path, f"{new_key()}\n")
        return path.read_text().strip()

    def _stop(self) -> None:
        self._asterisk_daemon.stop()
        self.redis.stop()
        self.postgres.stop()

    def _alone(self, work: Callable[[], T]) -> T:
        """Do ``work`` while no other process starts or stops this instance's services."""
        with locked(self.run_dir / "lock"):
            return work()
