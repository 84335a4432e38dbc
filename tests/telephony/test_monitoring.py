"""A supervisor with real SIP and real audio: who hears whom in each mode, and what the recording has."""

from pathlib import Path
from typing import Any

from dialer.call.monitor_events import Mode
from dialer.simulator.sip.phone import tone_of
from tests.exchange import (
    CLEAR,
    ENDPOINT,
    Exchange,
    attempt_to,
    check_balance,
    see_clear_talk,
    see_finished,
)
from tests.factories import numbers
from tests.hall import Place
from tests.supervising import hire
from tests.talks import TalkDesk
from tests.tones import read_wav, tone_share
from tests.world import until
from workers.jobs.recordings import join_raw, raw_files

CUSTOMER_HZ, NEXT_HZ = 440, 1210
#: The supervisor's telephone, and its tone.
SUPERVISOR = 6
SUPERVISOR_HZ = tone_of(SUPERVISOR - 1)
AGENT_HZ = tone_of(0)
TRUNK = {"endpoint": ENDPOINT}
SETTINGS: dict[str, Any] = {"wrap_up_s": 0, "retry": {}}
WINDOW, STEP = 1024, 512


def _is_heard(heard: dict[str, Any], wanted: set[int], others: set[int]) -> bool:
    shares = {int(hz): share for hz, share in heard.get("tone_shares", {}).items()}
    there = [shares.get(hz, 0.0) for hz in wanted]
    clear = sum(there) > CLEAR and min(there) > 0.1 if there else True
    silent = heard.get("level_dbfs", -100.0) < -50 if not wanted else True
    return (
        bool(heard)
        and clear
        and silent
        and max((shares.get(hz, 0.0) for hz in others), default=0.0) < 0.05
    )


async def _see(
    exchange: Exchange,
    number: str,
    customer_hz: int,
    *,
    customer: set[int],
    agent: set[int],
    boss: set[int],
) -> None:
    """Wait until the three hear exactly these tones."""
    tones = {customer_hz, AGENT_HZ, SUPERVISOR_HZ}

    async def so() -> bool:
        heard = (
            await exchange.heard_by_customer(number, *(tones - {customer_hz})),
            await exchange.heard_by_agent(1, *(tones - {AGENT_HZ})),
            await exchange.heard_by_agent(SUPERVISOR, *tones),
        )
        return (
            _is_heard(heard[0], customer, tones - customer - {customer_hz})
            and _is_heard(heard[1], agent, tones - agent - {AGENT_HZ})
            and _is_heard(heard[2], boss, tones - boss)
        )

    await until(so, f"customer hears {customer}, agent {agent}, supervisor {boss}")


def _loudest(samples: Any, hz: int) -> float:
    starts = range(0, len(samples) - WINDOW, STEP)
    return max(tone_share(samples[start : start + WINDOW], hz) for start in starts)


async def test_listen_whisper_barge_leave_and_the_recording(
    exchange: Exchange, place: Place, tmp_path: Path
) -> None:
    first, second = numbers(2, first=900)
    await exchange.people(
        {first: f"t-answer-r300-gtone_{CUSTOMER_HZ}", second: f"t-answer-r300-gtone_{NEXT_HZ}"}
    )
    made = await place.campaign(0, 1, e164s=[first, second], settings=SETTINGS, trunk=TRUNK)
    boss = await hire(place, made, f"PJSIP/agent-{SUPERVISOR}")
    both, alone = {CUSTOMER_HZ, AGENT_HZ}, {AGENT_HZ}
    async with exchange.worker(place):
        await see_clear_talk(exchange, place, made, first, CUSTOMER_HZ)
        call = await attempt_to(place, made, first)
        await boss.listen()
        await boss.see("hearing")
        await _see(exchange, first, CUSTOMER_HZ, customer=alone, agent={CUSTOMER_HZ}, boss=both)
        await boss.speak(Mode.WHISPER)
        told = {CUSTOMER_HZ, SUPERVISOR_HZ}
        await _see(exchange, first, CUSTOMER_HZ, customer=alone, agent=told, boss=both)
        await boss.speak(Mode.BARGE)
        heard = {AGENT_HZ, SUPERVISOR_HZ}
        await _see(exchange, first, CUSTOMER_HZ, customer=heard, agent=told, boss=both)
        await boss.speak(Mode.LISTEN)
        await _see(exchange, first, CUSTOMER_HZ, customer=alone, agent={CUSTOMER_HZ}, boss=both)
        await exchange.carrier.order("bye", number=first)
        both = {NEXT_HZ, AGENT_HZ}  # the next call, without a wish
        await _see(exchange, second, NEXT_HZ, customer=alone, agent={NEXT_HZ}, boss=both)
        await boss.leave()

        async def gone() -> bool:
            return not await exchange.heard_by_agent(SUPERVISOR, AGENT_HZ)

        await until(gone, "the supervisor's telephone is on the hook")
        await see_clear_talk(exchange, place, made, second, NEXT_HZ)
        await exchange.carrier.order("bye", number=second)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await boss.trail() == [
        ("started", "listen"),
        ("call_began", "listen"),
        ("mode_changed", "whisper"),
        ("mode_changed", "barge"),
        ("mode_changed", "listen"),
        ("call_ended", "listen"),
        ("call_began", "listen"),
        ("ended", "listen"),
    ]
    wav = tmp_path / "talk.wav"
    join_raw(raw_files(exchange.server.monitor_dir, call.id), wav)
    customer, agent = read_wav(wav)
    assert _loudest(customer, CUSTOMER_HZ) > 0.9
    assert _loudest(customer, SUPERVISOR_HZ) < 0.1, "the supervisor is on the customer's side"
    assert _loudest(agent, AGENT_HZ) > 0.9
    assert _loudest(agent, SUPERVISOR_HZ) > 0.2, "who barges in is recorded on the agent's side"


async def test_a_supervisor_takes_a_call_over_and_the_agent_has_the_next(
    exchange: Exchange, place: Place
) -> None:
    first, second = numbers(2, first=910)
    await exchange.people(
        {first: f"t-answer-r300-gtone_{CUSTOMER_HZ}", second: f"t-answer-r300-gtone_{NEXT_HZ}"}
    )
    made = await place.campaign(0, 1, e164s=[first, second], settings=SETTINGS, trunk=TRUNK)
    boss, desk = await hire(place, made, f"PJSIP/agent-{SUPERVISOR}"), TalkDesk(place, made)
    async with exchange.worker(place):
        await see_clear_talk(exchange, place, made, first, CUSTOMER_HZ)
        call_id = await desk.call_of()
        await boss.listen()
        await boss.see("hearing")
        await boss.take_over()
        await boss.see("taken")
        await see_clear_talk(exchange, place, made, second, NEXT_HZ)  # the agent is free

        async def theirs() -> bool:
            customer = await exchange.heard_by_customer(first, AGENT_HZ, SUPERVISOR_HZ)
            supervisor = await exchange.heard_by_agent(SUPERVISOR, CUSTOMER_HZ, AGENT_HZ)
            return _is_heard(customer, {SUPERVISOR_HZ}, {AGENT_HZ}) and _is_heard(
                supervisor, {CUSTOMER_HZ}, {AGENT_HZ}
            )

        await until(theirs, "customer and supervisor hear each other, and nobody else")
        await exchange.phones.order("bye", user=f"agent-{SUPERVISOR}")
        ended = await desk.see_ended(call_id)
        assert (ended.outcome, ended.ended_by) == ("connected", "supervisor")
        assert ended.connected_at < ended.left_at < ended.ended_at
        row = await boss.see("over")
        assert row.end_reason == "call_ended"
        await exchange.carrier.order("bye", number=second)
        await see_finished(place, made)
        await check_balance(exchange, place, made)
    assert await desk.parts(call_id) == [
        ("taken_over", "call_ended"),
        ("unrecorded", "call_ended"),
    ]
    assert [what for what, _ in await boss.trail()] == [
        *("started", "call_began", "take_over_wished", "taken_over", "call_ended", "ended")
    ]
