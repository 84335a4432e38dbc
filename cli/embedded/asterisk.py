"""The embedded Asterisk: one instance of the root folder, started, asked and stopped."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import psutil

from cli.embedded.asterisk_config import AsteriskConfig, Directories, inside, write_config
from cli.embedded.process import Daemon, EmbeddedError, tail, wait_until


@dataclass(frozen=True)
class AriEndpoint:
    """Where ARI answers, for example ``http://127.0.0.1:8088/ari``."""

    url: str
    user: str
    password: str


class AsteriskServer:
    """One running (or not) instance.

    Args:
        root: The root folder made by :func:`cli.embedded.asterisk_install.install`.
        run_dir: Where its process id and log are kept.
        config: What to run.
    """

    def __init__(self, root: Path, run_dir: Path, config: AsteriskConfig) -> None:
        self.root = root
        self.config = config
        self.dirs = Directories.of(config.instance)
        self.ari = AriEndpoint(
            f"http://{config.bind}:{config.http_port}/ari", config.ari_user, config.ari_password
        )
        self._log = run_dir / "asterisk.log"
        self._daemon = Daemon(run_dir / "asterisk.pid.json")

    @property
    def running(self) -> bool:
        """True when the process is there, whether or not ARI answers."""
        return self._daemon.find() is not None

    @property
    def monitor_dir(self) -> Path:
        """Where MixMonitor's relative file names end, as this process sees it."""
        return inside(self.root, f"{self.dirs.spool}/monitor")

    @property
    def recording_dir(self) -> Path:
        """Where ARI's recordings end, as this process sees it."""
        return inside(self.root, f"{self.dirs.spool}/recording")

    @property
    def sounds_dir(self) -> Path:
        """A folder for our own prompts; play them as ``sound:<sounds_path>/<name>``."""
        return inside(self.root, self.sounds_path)

    @property
    def sounds_path(self) -> str:
        """The same folder as Asterisk sees it."""
        return f"{self.dirs.lib}/sounds"

    def start(self, *, timeout_s: float = 30.0) -> AriEndpoint:
        """Write the configuration, start Asterisk and wait until ARI answers; reuses a running one.

        Raises:
            EmbeddedError: it ended, or ARI did not answer in time; with the end of the log.
        """
        changed = write_config(self.root, self.config, ice_addresses=machine_addresses())
        if self.running and changed:
            self.cli("core reload")
        elif not self.running:
            _name_the_host(self.root)
            self._daemon.start([*self._command(), "-U", "asterisk", "-f"], log=self._log)
        if not wait_until(lambda: self.answers() or not self.running, timeout_s=timeout_s):
            raise EmbeddedError(f"Asterisk's ARI does not answer\n{self._log_end()}")
        if not self.running:
            raise EmbeddedError(f"Asterisk ended while starting\n{self._log_end()}")
        return self.ari

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """Stop Asterisk, hanging up what it holds. Does nothing when it does not run."""
        self._daemon.stop(timeout_s=timeout_s)

    def kill(self) -> None:
        """End Asterisk without warning, as a crash would."""
        self._daemon.stop(number=signal.SIGKILL)

    def restart(self) -> AriEndpoint:
        """Stop and start."""
        self.stop()
        return self.start()

    def cli(self, command: str) -> str:
        """Run one command of Asterisk's own command line, for example ``core show uptime``.

        Raises:
            EmbeddedError: Asterisk does not take commands.
        """
        done = subprocess.run(
            [*self._command(), "-rx", command],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        if done.returncode:
            raise EmbeddedError(f"asterisk -rx {command!r}: {done.stderr or done.stdout}")
        return done.stdout

    def answers(self) -> bool:
        """True when ARI itself answers; the HTTP server alone answers 404 a little earlier."""
        secret = b64encode(f"{self.ari.user}:{self.ari.password}".encode()).decode()
        link = http.client.HTTPConnection(self.config.bind, self.config.http_port, timeout=2)
        try:
            link.request("GET", "/ari/asterisk/ping", headers={"Authorization": f"Basic {secret}"})
            return link.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def _command(self) -> list[str]:
        return ["chroot", str(self.root), "asterisk", "-C", f"{self.dirs.etc}/asterisk.conf"]

    def _log_end(self) -> str:
        messages = inside(self.root, f"{self.dirs.log}/messages.log")
        return f"{tail(self._log)}\n{tail(messages)}"


def machine_addresses() -> list[str]:
    """Return the machine's IPv4 addresses but the loopback ones."""
    found = (
        entry.address
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family == socket.AF_INET
    )
    return sorted({address for address in found if not address.startswith("127.")})


def _name_the_host(root: Path) -> None:
    """Let Asterisk resolve the host's own name without asking a name server."""
    text = f"127.0.0.1 localhost {socket.gethostname()}\n::1 localhost\n"
    (root / "etc/hosts").write_text(text)
