"""The demo's processes: the carrier, the telephones, the workers, the page."""

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from cli.embedded.process import EmbeddedError
from cli.embedded.services import Services
from cli.installation import CARRIER, with_asterisk
from cli.output import console
from dialer.errors import Invalid
from dialer.settings import ENV_PREFIX, Settings, child_environment

#: People of the demo: quick talkers, so that the whole list is through in minutes. Telephony is real:
#: an unanswered call rings its full time.
PEOPLE: dict[str, Any] = {
    "name": "demo",
    "shares": {
        "answer": 0.58,
        "machine": 0.04,
        "no_answer": 0.08,
        "busy": 0.11,
        "reject": 0.06,
        "invalid": 0.06,
        "congestion": 0.03,
        "unavailable": 0.03,
    },
    "ring": {"median_s": 1.3, "sigma": 0.4},
    "talk": {"median_s": 3.6, "sigma": 0.5},
    "hang_up_early_rate": 0.04,
}
#: People for a person at the desk: they stay long enough to be asked five questions.
TALKERS: dict[str, Any] = {
    **PEOPLE,
    "name": "talkers",
    "shares": {"answer": 0.75, "machine": 0.03, "no_answer": 0.1, "busy": 0.1, "invalid": 0.02},
    "ring": {"median_s": 3.0, "sigma": 0.4},
    "talk": {"median_s": 150.0, "sigma": 0.4},
    "hang_up_early_rate": 0.0,
}
SEED = 7
#: Outdial's own processes: two dialing workers, so that one may die.
OUTDIAL = {
    "background": ["worker", "background"],
    "dialing": ["worker", "dialing"],
    "standby": ["worker", "dialing"],
    "web": ["serve"],
}
STOP_S = 15.0
#: Settings that lead to services of somebody else, which the demo must not fill with its own rows.
_ELSEWHERE = ("database_url", "redis_url", "ari_url")


def require_embedded(settings: Settings) -> None:
    """Refuse to run the demo on an installation: it makes rows, deletes opt-outs and places calls.

    Raises:
        Invalid: a setting names a database, a Redis or an Asterisk.
    """
    named = [
        f"{ENV_PREFIX}{name.upper()}" for name in _ELSEWHERE if getattr(settings, name) is not None
    ]
    if named:
        raise Invalid(f"The demo runs on its own services only: unset {', '.join(named)}.")


@dataclass(slots=True)
class World:
    """Everything the demo started, to be stopped in reverse."""

    settings: Settings
    services: Services
    folder: Path
    public: Mapping[str, Any] = field(default_factory=lambda: PEOPLE)  #: who is called
    simulated: bool = False  #: the ARI simulator stands in for Asterisk
    carrier_log: Path = field(init=False)
    _processes: list[tuple[str, subprocess.Popen[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the folder for logs and the carrier's book."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.carrier_log = self.folder / "carrier.jsonl"
        for former in (self.carrier_log, *self.folder.glob("*.log")):
            former.unlink(missing_ok=True)

    def start(self, agents: int) -> None:
        """Start the telephone network, the workers and the page."""
        people = self.folder / "people.json"
        people.write_text(json.dumps(self.public), encoding="utf-8")
        if self.services.asterisk_installed:
            self._start_telephony(people, agents)
        else:
            self._start_simulator(people)
        for name in OUTDIAL:
            self._start_ours(name)

    def _start_ours(self, name: str) -> None:
        self._start(name, [sys.executable, "-m", "cli", *OUTDIAL[name]], wait_ready=False)

    def _start_telephony(self, people: Path, agents: int) -> None:
        """Start the SIP carrier and the agents' telephones, then Asterisk between them."""
        ports = self.services.ports
        module = [sys.executable, "-m", "dialer.simulator.sip"]
        carrier = ["carrier", "--profile", f"@{people}", "--seed", str(SEED)]
        carrier.extend(["--log", str(self.carrier_log)])
        phones = ["phones", "--count", str(agents), "--port", str(ports.udp("phones", keep=True))]
        self._start(
            "carrier",
            [*module, *carrier, "--port", str(ports.udp("carrier", keep=True))],
        )
        self._start("phones", [*module, *phones])
        self.settings = with_asterisk(self.settings, self.services)

    def _start_simulator(self, people: Path) -> None:
        self.simulated = True
        password = "demo"  # noqa: S105 - of a simulator that lives for minutes on loopback
        command = [sys.executable, "-m", "dialer.simulator.ari", "--profile", str(people)]
        command += ["--seed", str(SEED), "--password", password]
        command += ["--invite-log", str(self.carrier_log)]
        ready = self._start("simulator", command)
        self.settings = self.settings.model_copy(
            update={
                "ari_url": f"http://127.0.0.1:{ready['port']}/ari",
                "ari_user": "outdial",
                "ari_password": SecretStr(password),
                "raw_recordings_dir": self.folder,
            }
        )

    def _start(self, name: str, command: list[str], *, wait_ready: bool = True) -> dict[str, Any]:
        """Start a process with its own log; with ``wait_ready`` read its one line of JSON."""
        with (self.folder / f"{name}.log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE if wait_ready else log,
                stderr=log,
                text=True,
                env=child_environment(self.settings, {"OUTDIAL_LOG_JSON": "true"}),
            )
        self._processes.append((name, process))
        if not wait_ready:
            return {}
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        line = process.stdout.readline()
        if not line:
            raise EmbeddedError(f"{name} did not start: see {self.folder / (name + '.log')}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def dead(self) -> list[str]:
        """Return the names of processes that ended by themselves."""
        return [name for name, process in self._processes if process.poll() is not None]

    def revive(self) -> list[str]:
        """Start those of Outdial's own processes again that ended; return their names.

        A killed dialing worker is what the other one is there for; the telephone network is not ours.
        """
        ended = [name for name in self.dead() if name in OUTDIAL]
        self._processes = [item for item in self._processes if item[0] not in ended]
        for name in ended:
            self._start_ours(name)
        return ended

    def look_after(self) -> list[str]:
        """Start again what ended and is ours; return the names of what else ended by itself."""
        if revived := self.revive():
            console.print(f"[yellow]started again: {', '.join(revived)}[/]")
        return self.dead()

    def live_channels(self) -> int | None:
        """Return how many channels Asterisk has; None when it cannot be asked."""
        if self.simulated or self.services.asterisk is None:
            return None
        try:
            told = self.services.asterisk.cli("core show channels count")
        except (EmbeddedError, subprocess.TimeoutExpired):
            return None
        for line in told.splitlines():
            if "active channel" in line:
                return int(line.split()[0])
        return None

    def stop(self) -> None:
        """Stop every process and the embedded services."""
        self._stop({name for name, _ in self._processes})
        self.services.stop_all()

    def _stop(self, names: set[str]) -> None:
        chosen = [(name, process) for name, process in self._processes if name in names]
        for _, process in reversed(chosen):
            if process.poll() is None:
                process.terminate()
        for _, process in chosen:
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            if process.poll() is None:
                process.kill()
                process.wait()
        self._processes = [item for item in self._processes if item not in chosen]


TRUNK_ENDPOINT = f"PJSIP/{{number}}@{CARRIER}"
