"""Asterisk's configuration as values, and the files written from them.

Used for the embedded Asterisk and inside the container image, so it needs nothing but Jinja2.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

#: The templates, one for each file Asterisk reads.
TEMPLATES = Path(__file__).resolve().parents[2] / "asterisk" / "templates"
#: Files that Asterisk's core looks for and complains about; empty, its defaults are what we want.
EMPTY = ("acl", "ccss", "features", "pjproject", "udptl", "websocket_client")


@dataclass(frozen=True)
class TrunkEndpoint:
    """Where calls to the public network are sent: dialled as ``PJSIP/<number>@<name>``.

    Attributes:
        name: The PJSIP endpoint's name.
        host: Address of the carrier's gateway.
        port: UDP port of the carrier's gateway.
        max_channels: Calls at which the endpoint counts as busy; 0 for no limit. Asterisk only
            reports it: keeping the limit is the pacing's work.
        codecs: Codecs offered, the preferred first.
        auth_user: User name for digest authentication; empty for none.
        auth_password: Its password.
    """

    name: str
    host: str
    port: int
    max_channels: int = 0
    codecs: str = "ulaw,alaw"
    auth_user: str = ""
    auth_password: str = ""


@dataclass(frozen=True)
class AgentEndpoint:
    """An agent's phone that the configuration itself knows: exactly one way to reach it.

    Attributes:
        name: The PJSIP endpoint's name, for example ``agent-7``.
        contact: ``host:port`` of a plain SIP phone that does not register; empty for a browser.
        password: Password with which a browser registers over WebSocket.

    Raises:
        ValueError: both or neither of ``contact`` and ``password`` are given.
    """

    name: str
    contact: str = ""
    password: str = ""

    def __post_init__(self) -> None:
        if bool(self.contact) == bool(self.password):
            raise ValueError(f"agent {self.name}: give either a contact or a password")


@dataclass(frozen=True)
class AsteriskConfig:
    """All that differs between two Asterisks of ours.

    Attributes:
        instance: Name of its directories; several instances share one installed root.
        sip_port: UDP port for SIP.
        http_port: TCP port for ARI and for the agents' SIP over WebSocket.
        rtp_start: First UDP port for media.
        rtp_end: Last UDP port for media, included.
        ari_user: User of ARI.
        ari_password: Password of ARI.
        trunks: The carriers.
        agents: Phones known beforehand; others are pushed through ARI.
        bind: Address the SIP and HTTP sockets listen on.
        media_address: Address written into SDP for media.
        stasis_retries: How often, at every half second, a call that finds no worker asks again.
    """

    instance: str
    sip_port: int
    http_port: int
    rtp_start: int
    rtp_end: int
    ari_user: str
    ari_password: str
    trunks: tuple[TrunkEndpoint, ...] = ()
    agents: tuple[AgentEndpoint, ...] = ()
    bind: str = "127.0.0.1"
    media_address: str = "127.0.0.1"
    stasis_retries: int = 60

    @property
    def loopback(self) -> bool:
        """True when media must not leave the machine."""
        return self.media_address.startswith("127.")


@dataclass(frozen=True)
class Directories:
    """Where one instance keeps its files, as seen from inside the root folder."""

    etc: str
    lib: str
    spool: str
    run: str
    log: str
    cache: str

    @classmethod
    def of(cls, instance: str) -> Directories:
        """Return the directories of an instance."""
        return cls(
            etc=f"/etc/asterisk-{instance}",
            lib=f"/var/lib/asterisk-{instance}",
            spool=f"/var/spool/asterisk-{instance}",
            run=f"/run/asterisk-{instance}",
            log=f"/var/log/asterisk-{instance}",
            cache=f"/var/cache/asterisk-{instance}",
        )

    def writable(self) -> tuple[str, ...]:
        """Return the directories that Asterisk's own user must own.

        ``recording`` is missing from Debian's package, and ARI cannot record without it.
        """
        below = (f"{self.spool}/{name}" for name in ("monitor", "recording", "tmp", "outgoing"))
        sounds = f"{self.lib}/sounds"
        return (self.lib, sounds, self.spool, *below, self.run, self.log, self.cache)


def inside(root: Path, path: str) -> Path:
    """Return a path of the root folder as seen from outside it."""
    return root / path.lstrip("/")


def write_config(
    root: Path,
    config: AsteriskConfig,
    *,
    ice_addresses: Sequence[str] = (),
    templates: Path = TEMPLATES,
) -> bool:
    """Write one instance's configuration and make its directories; True when a file changed.

    Args:
        root: The root folder Asterisk is installed in; ``/`` inside a container.
        config: The values.
        ice_addresses: The machine's own addresses, offered to browsers as ``media_address``.
        templates: The folder of ``*.conf.j2`` files.

    Raises:
        ValueError: the folder holds no Asterisk.
    """
    dirs = Directories.of(config.instance)
    modules = _modules_dir(root)
    owner, group = _asterisk_ids(root)
    for path in dirs.writable():
        inside(root, path).mkdir(parents=True, exist_ok=True)
        os.chown(inside(root, path), owner, group)
    etc = inside(root, dirs.etc)
    etc.mkdir(parents=True, exist_ok=True)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - these are configuration files, not HTML
    )
    changed = False
    for name in environment.list_templates(extensions=["j2"]):
        text = environment.get_template(name).render(
            config=config, dirs=dirs, modules_dir=modules, ice_addresses=ice_addresses
        )
        changed |= _install(etc / name.removesuffix(".j2"), text, group)
    for name in EMPTY:
        changed |= _install(etc / f"{name}.conf", "", group)
    return changed


def remove_instance(root: Path, instance: str) -> None:
    """Delete every directory of a stopped instance, with its recordings."""
    for path in vars(Directories.of(instance)).values():
        shutil.rmtree(inside(root, path), ignore_errors=True)


def _install(path: Path, text: str, group: int) -> bool:
    """Write a file that root may change and Asterisk may read: some hold passwords."""
    if path.exists() and path.read_text() == text:
        return False
    path.touch(mode=0o640)
    path.chmod(0o640)
    os.chown(path, -1, group)
    path.write_text(text)
    return True


def _modules_dir(root: Path) -> str:
    found = sorted(root.glob("usr/lib/*/asterisk/modules"))
    if not found:
        raise ValueError(f"no Asterisk modules below {root}")
    return f"/{found[0].relative_to(root)}"


def _asterisk_ids(root: Path) -> tuple[int, int]:
    for line in (root / "etc/passwd").read_text().splitlines():
        name, _, uid, gid, *_ = line.split(":")
        if name == "asterisk":
            return int(uid), int(gid)
    raise ValueError(f"no user asterisk in {root}/etc/passwd")
