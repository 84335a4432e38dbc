"""The embedded servers: they start once, keep their data and addresses, and let nobody else in."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis.asyncio as aioredis
import redis.exceptions

from cli.embedded.ports import LOOPBACK, RTP_BLOCK, PortBook
from cli.embedded.process import Daemon, write_private
from cli.embedded.services import Services
from dialer.settings import PROJECT_ROOT


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)  # PostgreSQL's user may not enter it
    found = Services(closed / "run", "test", fsync=False)
    yield found
    found.stop_all()


async def query(url: str, statement: str) -> object:
    link = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await link.fetchval(statement)
    finally:
        await link.close()


async def test_postgres_is_reused_and_keeps_data_and_address(services: Services) -> None:
    url = services.ensure_postgres()
    assert "18." in str(await query(url, "SELECT version()"))
    await query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    started = await query(url, "SELECT pg_postmaster_start_time()")

    assert services.ensure_postgres() == url
    assert await query(url, "SELECT pg_postmaster_start_time()") == started

    services.postgres.stop()
    assert not services.postgres.running
    assert services.ensure_postgres() == url
    assert await query(url, "SELECT answer FROM kept") == 42


async def test_postgres_comes_back_after_a_crash(services: Services) -> None:
    url = services.ensure_postgres()
    await query(url, "CREATE TABLE kept AS SELECT 7 AS answer")
    services.postgres.kill()
    lock = services.run_dir / "postgres/data/postmaster.pid"
    assert lock.exists()
    # After a reboot the number in the lock file may belong to anybody, here to this test.
    lock.write_text("\n".join([str(os.getpid()), *lock.read_text().splitlines()[1:]]))

    assert services.ensure_postgres() == url
    assert await query(url, "SELECT answer FROM kept") == 7


async def test_postgres_trusts_nobody_and_its_role_is_no_superuser(services: Services) -> None:
    url = services.ensure_postgres()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await query(url.replace("outdial:", "outdial:wrong"), "SELECT 1")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await query(url.replace("outdial:", "postgres:wrong"), "SELECT 1")
    assert await query(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await query(url, "SELECT pg_read_file('/etc/hostname')")
    assert (services.run_dir / "postgres.json").stat().st_mode & 0o077 == 0


async def test_redis_keeps_its_data_and_wants_its_password(services: Services) -> None:
    url = services.ensure_redis()
    async with connect(url) as link:
        await link.set("kept", "yes")
    services.redis.stop()
    assert services.ensure_redis() == url == services.ensure_redis()
    async with connect(url) as link:
        assert await link.get("kept") == b"yes"
    async with connect(f"redis://{url.partition('@')[2]}") as stranger:
        with pytest.raises(redis.exceptions.AuthenticationError):
            await stranger.get("kept")


def test_servers_listen_on_loopback_only(services: Services) -> None:
    services.ensure_postgres()
    services.ensure_redis()
    for name in ("postgres", "redis"):
        pid = json.loads((services.run_dir / f"{name}.pid.json").read_text())["pid"]
        listening = [c for c in psutil.Process(pid).net_connections() if c.status == "LISTEN"]
        assert {c.laddr.ip for c in listening} == {LOOPBACK}


def _folder_of(process: psutil.Process, name: str) -> str:
    """Return where a program of this name works; "" for another, or one that has just ended."""
    try:
        return process.cwd() if process.name() == name else ""
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""


def test_commands_started_together_share_one_server(services: Services) -> None:
    code = (
        "import sys; from pathlib import Path; from cli.embedded.services import Services;"
        "print(Services(Path(sys.argv[1]), 'test').ensure_redis())"
    )
    argv = [sys.executable, "-c", code, str(services.run_dir.parent)]
    rivals = [
        subprocess.Popen(argv, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603
        for _ in range(3)
    ]
    urls = {rival.communicate(timeout=60)[0].strip() for rival in rivals}
    assert urls == {services.ensure_redis()}
    config = str(services.run_dir)
    servers = [p for p in psutil.process_iter() if _folder_of(p, "redis-server").startswith(config)]
    assert len(servers) == 1


def test_given_urls_start_nothing(tmp_path: Path) -> None:
    services = Services(tmp_path, database_url="postgresql+asyncpg://x/y", redis_url="redis://z")
    assert services.ensure_postgres() == "postgresql+asyncpg://x/y"
    assert services.ensure_redis() == "redis://z"
    assert not services.run_dir.exists()


@pytest.mark.parametrize("name", ["", "asterisk", "../main", "Main", "a b"])
def test_instances_have_plain_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="instance"):
        Services(tmp_path, name)


def connect(url: str) -> aioredis.Redis:
    link: aioredis.Redis = aioredis.from_url(url)  # type: ignore[no-untyped-call]
    return link


def test_a_port_is_kept_until_somebody_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    first = PortBook(path, random.Random(1)).tcp("web")
    again = PortBook(path, random.Random(2))
    assert again.tcp("web") == first
    with socket.socket() as thief:
        thief.bind((LOOPBACK, first))
        thief.listen()
        assert again.tcp("web", keep=True) == first
        assert again.tcp("web") != first


def test_commands_started_together_agree_on_a_port(tmp_path: Path) -> None:
    """Each draws with another seed: only one that waits for the other's file sees its choice."""
    program = (
        "import random, sys; from pathlib import Path; from cli.embedded.ports import PortBook; "
        "book = PortBook(Path(sys.argv[1]), random.Random(int(sys.argv[2]))); input(); "
        "print([book.tcp(f'p{n}', keep=True) for n in range(200)])"
    )
    several = [
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", program, str(tmp_path / "ports.json"), str(seed)],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(4)
    ]
    for one in several:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    answers = {one.communicate()[0] for one in several}
    assert {one.returncode for one in several} == {0}
    assert len(answers) == 1


def test_media_ports_avoid_a_used_block_and_our_own_ports(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json", random.Random(3))
    start, end = book.rtp()
    assert (start % 2, end - start) == (0, RTP_BLOCK - 1)
    assert not start <= book.udp("sip") <= end
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        thief.bind((LOOPBACK, start))
        assert book.rtp(keep=True) == (start, end)
        assert book.rtp() != (start, end)


def test_a_recycled_process_id_is_never_signalled(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["/bin/sleep", "60"])
    try:
        memory = tmp_path / "x.pid.json"
        write_private(memory, json.dumps({"pid": bystander.pid, "created": 1.0}))
        daemon = Daemon(memory)
        assert daemon.find() is None
        assert not daemon.send(signal.SIGKILL)
        daemon.stop()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_compose_names_every_service_and_holds_no_password() -> None:
    yaml = pytest.importorskip("yaml")
    text = (PROJECT_ROOT / "compose.yaml").read_text()
    compose = yaml.safe_load(text)
    services = compose["services"]
    assert set(services) == {"api", "background", "dialing", "postgres", "redis", "asterisk"}
    assert all("healthcheck" in service for service in services.values())
    commands = [services[name]["command"] for name in ("api", "background", "dialing")]
    assert [" ".join(command) for command in commands] == [
        "outdial serve",
        "outdial worker background",
        "outdial worker dialing",
    ]
    for secret in ("DATABASE_PASSWORD", "REDIS_PASSWORD", "ARI_PASSWORD"):
        assert f"${{OUTDIAL_{secret}:?" in text
    assert all(set(secret) == {"environment"} for secret in compose["secrets"].values())
    used = {name for s in services.values() for name in s.get("secrets", [])}
    assert used == set(compose["secrets"])
