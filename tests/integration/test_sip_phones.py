"""Simulated handsets answer, register, and survive what goes wrong around them."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.simulator.sip.call import CallState
from dialer.simulator.sip.endpoint import Address, SipEndpoint
from dialer.simulator.sip.event_log import EventLog
from dialer.simulator.sip.media import MediaEngine
from dialer.simulator.sip.messages import Request, header, parse, response_to
from dialer.simulator.sip.orders import obey_as_phones
from dialer.simulator.sip.phone import PhoneBank
from dialer.simulator.sip.registration import digest_response
from tests.integration.sip_world import World, now, running_world, until


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path / "carrier.jsonl") as made:
        yield made


@pytest.fixture
async def bank() -> AsyncIterator[PhoneBank]:
    made = PhoneBank(["agent-1", "agent-2"], EventLog(None, now), now=now, rng=random.Random(3))
    await made.start()
    yield made
    made.stop()
    await asyncio.sleep(0)


async def test_a_phone_answers_at_once_with_its_own_tone(world: World, bank: PhoneBank) -> None:
    calls = [world.caller.call(user, bank.port) for user in ("agent-1", "agent-2")]
    await until(lambda: all(call.state is CallState.UP for call in calls))
    heard = [call.stream.hearing for call in calls if call.stream]
    await until(lambda: all(hearing.packets > 20 for hearing in heard))
    tones = [bank.phones[user].tone_hz for user in ("agent-1", "agent-2")]
    assert tones[0] != tones[1]
    assert [hearing.listen().dominant_hz for hearing in heard] == pytest.approx(tones, abs=3)
    assert bank.phones["agent-1"].on_call
    assert obey_as_phones(bank, {"do": "bye", "user": "agent-1"}) == {"calls": 1}
    await until(lambda: calls[0].state is CallState.ENDED)
    assert calls[1].state is CallState.UP
    assert not bank.phones["agent-1"].on_call


async def test_a_phone_nobody_owns_is_not_found(world: World, bank: PhoneBank) -> None:
    call = world.caller.call("agent-9", bank.port)
    await until(lambda: call.state is CallState.ENDED)
    assert call.final_code == 404


async def test_a_new_call_replaces_one_that_may_be_dead(world: World, bank: PhoneBank) -> None:
    old = world.caller.call("agent-1", bank.port)
    await until(lambda: old.state is CallState.UP)
    new = world.caller.call("agent-1", bank.port)
    await until(lambda: new.state is CallState.UP and old.state is CallState.ENDED)
    await until(lambda: bank.phones["agent-1"].on_call)
    stats = obey_as_phones(bank, {"do": "stats"})["phones"][0]
    assert (stats["on_call"], stats["calls_taken"], stats["calls_replaced"]) == (True, 2, 1)


class Registrar(SipEndpoint):
    """Wants digest authentication; refuses everything while ``broken``."""

    def __init__(self) -> None:
        rng = random.Random(4)
        super().__init__(MediaEngine(now=now, rng=rng), rng)
        self.broken = False
        self.deaf = False
        self.contacts: list[str] = []

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Answer one REGISTER."""
        request = parse(data)
        assert isinstance(request, Request)
        if self.deaf:
            return
        if self.broken:
            self.send(response_to(request, 503).encode(), addr)
            return
        challenge = 'Digest realm="here",nonce="n1",qop="auth",algorithm=MD5,opaque="o"'
        given = header(request, "authorization")
        cnonce = given.partition('cnonce="')[2].partition('"')[0]
        wanted = digest_response(
            challenge,
            user="agent-1",
            password="secret",
            method="REGISTER",
            uri=request.uri,
            cnonce=cnonce,
        )
        if given != wanted:
            refusal = response_to(request, 401)
            refusal.headers["www-authenticate"] = [challenge]
            self.send(refusal.encode(), addr)
            return
        self.contacts.append(header(request, "contact"))
        accepted = response_to(request, 200)
        accepted.headers["contact"] = [header(request, "contact") + ";expires=1"]
        self.send(accepted.encode(), addr)


@pytest.mark.parametrize("trouble", ["broken", "deaf"])
async def test_a_phone_registers_and_survives_a_restart(
    trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RETRY_S", "ANSWER_TIMEOUT_S"):
        monkeypatch.setattr(f"dialer.simulator.sip.registration.{name}", 0.1)
    registrar = Registrar()
    await registrar.start()
    bank = PhoneBank(["agent-1"], EventLog(None, now), now=now, rng=random.Random(3))
    await bank.start()
    bank.register(("127.0.0.1", registrar.port), "secret")
    registration = bank.phones["agent-1"].registration
    assert registration is not None
    await until(lambda: registration.registered)
    assert registrar.contacts == [f"<sip:agent-1@127.0.0.1:{bank.port}>"]
    setattr(registrar, trouble, True)
    await until(lambda: not registration.registered)
    setattr(registrar, trouble, False)
    await until(lambda: registration.registered)
    bank.stop()
    registrar.stop()
    await asyncio.sleep(0)


def test_the_digest_is_the_one_of_the_standard() -> None:
    # RFC 2617, section 3.5.
    challenge = (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    answer = digest_response(
        challenge,
        user="Mufasa",
        password="Circle Of Life",
        method="GET",
        uri="/dir/index.html",
        cnonce="0a4f113b",
    )
    assert 'response="6629fae49393a05397450978507c4ef1"' in answer
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in answer
