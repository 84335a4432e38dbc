"""The embedded Asterisk: installed once, started several times side by side, loopback only."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import psutil
import pytest

from cli.embedded import asterisk_install
from cli.embedded.asterisk import AsteriskServer
from cli.embedded.asterisk_config import (
    AgentEndpoint,
    Directories,
    TrunkEndpoint,
    inside,
    remove_instance,
    write_config,
)
from cli.embedded.asterisk_container import configuration
from cli.embedded.process import EmbeddedError
from cli.embedded.services import Services
from dialer.settings import PROJECT_ROOT

ROOT = PROJECT_ROOT / ".run" / "asterisk"
FIRST_EPHEMERAL = 32_768
TRUNK = TrunkEndpoint("carrier", "127.0.0.1", 15070)
AGENTS = (
    AgentEndpoint("agent-1", contact="127.0.0.1:15080"),
    AgentEndpoint("agent-2", password="x"),
)

needs_asterisk = pytest.mark.skipif(
    bool(asterisk_install.obstacle()), reason=asterisk_install.obstacle() or "never"
)


def started(tmp_path: Path, name: str) -> Iterator[AsteriskServer]:
    services = Services(tmp_path, f"{name}-{os.getpid()}", asterisk_root=ROOT)
    try:
        services.ensure_asterisk(services.asterisk_config(trunks=(TRUNK,), agents=AGENTS))
        assert services.asterisk is not None
        yield services.asterisk
    finally:
        services.stop_all()
        remove_instance(ROOT, services.instance)


@pytest.fixture
def asterisk(tmp_path: Path) -> Iterator[AsteriskServer]:
    yield from started(tmp_path, "one")


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[AsteriskServer]:
    yield from started(tmp_path, "two")


async def ari(
    server: AsteriskServer, method: str, path: str, *, password: str = "", body: object = None
) -> int:
    header = aiohttp.encode_basic_auth(server.ari.user, password or server.ari.password)
    async with (
        aiohttp.ClientSession(headers={"Authorization": header}) as session,
        session.request(method, f"{server.ari.url}{path}", json=body) as reply,
    ):
        return reply.status


def process_of(server: AsteriskServer) -> psutil.Process:
    found = server._daemon.find()
    assert found is not None
    return found


@needs_asterisk
async def test_two_instances_answer_side_by_side(
    asterisk: AsteriskServer, neighbour: AsteriskServer
) -> None:
    assert asterisk.config.http_port != neighbour.config.http_port
    for server in (asterisk, neighbour):
        assert await ari(server, "GET", "/asterisk/ping") == 200
        assert await ari(server, "GET", "/asterisk/ping", password="wrong") == 401
    neighbour.stop()
    assert not neighbour.answers()
    assert asterisk.answers()


@needs_asterisk
def test_everything_is_loaded_and_the_log_has_no_error(asterisk: AsteriskServer) -> None:
    modules = inside(asterisk.root, f"{asterisk.dirs.etc}/modules.conf").read_text()
    wanted = set(re.findall(r"^load=(\S+)", modules, re.M))
    shown = asterisk.cli("module show")
    running = {line.split()[0] for line in shown.splitlines() if " Running " in line}
    assert wanted - running == set()
    assert "not find" not in asterisk.cli("core show application MixMonitor")
    log = inside(asterisk.root, f"{asterisk.dirs.log}/messages.log").read_text()
    assert [line for line in log.splitlines() if " ERROR[" in line] == []


@needs_asterisk
def test_nothing_listens_beyond_loopback(asterisk: AsteriskServer) -> None:
    served = [
        c.laddr
        for c in process_of(asterisk).net_connections(kind="inet")
        # Above FIRST_EPHEMERAL are the sockets of its DNS client, which nobody can call.
        if c.status == "LISTEN" or (c.status == "NONE" and c.laddr.port < FIRST_EPHEMERAL)
    ]
    assert {address.ip for address in served} == {"127.0.0.1"}
    ports = {address.port for address in served}
    assert ports == {asterisk.config.sip_port, asterisk.config.http_port}


@needs_asterisk
async def test_phones_are_known_and_others_can_be_pushed(asterisk: AsteriskServer) -> None:
    for name in ("carrier", "agent-1", "agent-2"):
        assert await ari(asterisk, "GET", f"/endpoints/PJSIP/{name}") == 200
    path = "/asterisk/config/dynamic/res_pjsip"
    values = {
        "auth": {"auth_type": "digest", "username": "pushed", "password": "secret"},
        "aor": {"max_contacts": "1", "remove_existing": "yes"},
        "endpoint": {"auth": "pushed", "aors": "pushed", "transport": "ws", "webrtc": "yes"},
    }
    for kind, fields in values.items():
        body = {"fields": [{"attribute": k, "value": v} for k, v in fields.items()]}
        assert await ari(asterisk, "PUT", f"{path}/{kind}/pushed", body=body) == 200
    assert await ari(asterisk, "GET", "/endpoints/PJSIP/pushed") == 200
    assert await ari(asterisk, "DELETE", f"{path}/endpoint/pushed") == 204
    assert await ari(asterisk, "GET", "/endpoints/PJSIP/pushed") == 404


@needs_asterisk
async def test_a_running_asterisk_is_reused_and_a_killed_one_replaced(
    asterisk: AsteriskServer,
) -> None:
    first = process_of(asterisk).pid
    asterisk.start()
    assert process_of(asterisk).pid == first
    asterisk.kill()
    assert not asterisk.running
    asterisk.start()
    assert process_of(asterisk).pid != first
    assert await ari(asterisk, "GET", "/asterisk/ping") == 200


@needs_asterisk
def test_recordings_have_a_place_asterisk_can_write(asterisk: AsteriskServer) -> None:
    user = process_of(asterisk).uids().effective
    assert user != 0
    for folder in (asterisk.monitor_dir, asterisk.recording_dir, asterisk.sounds_dir):
        assert folder.stat().st_uid == user
    assert list(inside(asterisk.root, "/usr/share/asterisk/sounds/ru").glob("vm-*.gsm"))
    assert list(inside(asterisk.root, "/usr/share/asterisk/moh").glob("*.gsm"))


def test_a_user_without_root_is_told_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(EmbeddedError, match="needs root"):
        asterisk_install.install(tmp_path / "asterisk")
    assert asterisk_install.main(["--root", str(tmp_path / "asterisk")]) == 1


class FakeBootstrap:
    """Stands in for mmdebstrap: answers each call with the next of the given outputs."""

    def __init__(self, *outputs: str | None) -> None:
        self.outputs = list(outputs)
        self.options: list[list[str]] = []

    def __call__(self, fresh: Path, mirror: str, options: list[str]) -> str | None:
        """Make the folder and give the next answer."""
        fresh.mkdir()
        self.options.append(list(options))
        return self.outputs.pop(0)


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(asterisk_install, "obstacle", lambda: "")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    return monkeypatch


def test_an_expired_index_is_tried_again_without_its_date(
    tmp_path: Path, pretended: pytest.MonkeyPatch
) -> None:
    fake = FakeBootstrap("E: Release file for x is expired (invalid since 3 d)", None)
    pretended.setattr(asterisk_install, "_mmdebstrap", fake)
    root = tmp_path / "asterisk"
    (tmp_path / "asterisk.new").mkdir()  # left by a build that was cut off
    asterisk_install.install(root)
    assert fake.options == [[], ["--aptopt=Acquire::Check-Valid-Until false"]]
    assert asterisk_install.installed(root)
    asterisk_install.install(root)
    assert len(fake.options) == 2


def test_unknown_keys_renew_the_keyring_once(tmp_path: Path, pretended: pytest.MonkeyPatch) -> None:
    fake = FakeBootstrap("NO_PUBKEY 6ED0E7B82643E131", "NO_PUBKEY 6ED0E7B82643E131")
    asked: list[tuple[str, ...]] = []
    pretended.setattr(asterisk_install, "_mmdebstrap", fake)
    pretended.setattr(asterisk_install, "_apt", lambda *arguments: asked.append(arguments))
    with pytest.raises(EmbeddedError, match="NO_PUBKEY"):
        asterisk_install.install(tmp_path / "asterisk")
    assert asked[-1][-1] == "debian-archive-keyring"
    assert not (tmp_path / "asterisk").exists()
    assert not (tmp_path / "asterisk.new").exists()


def test_the_container_reads_its_secrets_from_files(tmp_path: Path) -> None:
    for name in ("ari", "trunk"):
        (tmp_path / name).write_text(f"{name}-secret\n")
    config = configuration(
        [
            f"--ari-password-file={tmp_path / 'ari'}",
            "--trunk=gw.example:5080",
            "--trunk-user=us",
            f"--trunk-password-file={tmp_path / 'trunk'}",
            "--media-address=198.51.100.7",
        ]
    )
    assert (config.ari_password, config.loopback) == ("ari-secret", False)
    trunk = config.trunks[0]
    assert (trunk.host, trunk.port, trunk.auth_password) == ("gw.example", 5080, "trunk-secret")
    assert (config.rtp_start, config.rtp_end) == (20000, 20999)


def test_the_container_serves_browsers_where_the_proxy_asks(tmp_path: Path) -> None:
    """As docs/phone.md has it: a websocket on the published port, and sound to the public address."""
    (tmp_path / "ari").write_text("secret")
    told = [
        f"--ari-password-file={tmp_path / 'ari'}",
        "--trunk=gw.example",
        "--media-address=198.51.100.7",
    ]
    config = configuration(told)
    inside(tmp_path, "/usr/lib/x86_64-linux-gnu/asterisk/modules").mkdir(parents=True)
    inside(tmp_path, "/etc").mkdir()
    inside(tmp_path, "/etc/passwd").write_text("asterisk:x:560:560::/:/bin/false\n")
    write_config(tmp_path, config)
    etc = inside(tmp_path, Directories.of(config.instance).etc)
    compose = (PROJECT_ROOT / "compose.yaml").read_text()
    assert f"127.0.0.1:{config.http_port}:{config.http_port}" in compose
    assert f"bindaddr={config.bind}\nbindport={config.http_port}" in (etc / "http.conf").read_text()
    assert not config.loopback
    assert "protocol=ws" in (etc / "pjsip.conf").read_text()
    loaded = (etc / "modules.conf").read_text()
    for module in ("res_http_websocket", "res_pjsip_transport_websocket", "res_srtp"):
        assert f"load={module}.so" in loaded
    assert f"OD_MEDIA_ADDRESS={config.media_address}" in (etc / "extensions.conf").read_text()
