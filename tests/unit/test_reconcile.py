"""What a list of Asterisk's legs can prove, and what it cannot."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from dialer.ari import names
from dialer.ari.gateway import Gateway
from dialer.ari.live import Live
from dialer.ari.messages import Channel
from dialer.ari.names import Leg, Role
from dialer.call import commands as do
from dialer.call.states import Call, CallOutcome, CallPolicy, CallState
from dialer.clock import FrozenClock
from dialer.ids import new_id
from tests.world import until
from workers.dialing import floor as floor_module
from workers.dialing.floor import Desk, Floor
from workers.dialing.reconcile import Reconciler
from workers.dialing.timers import TimerKind


class Hands:
    """Keeps the calls that ended."""

    def __init__(self) -> None:
        self.ended: list[Call] = []

    def execute(self, call: Call, command: do.CallCommand) -> None:
        """Keep the call whose end is to be stored."""
        if isinstance(command, do.StoreEnd):
            self.ended.append(call)

    def seat(self, desk: Desk, channel_id: str) -> None:
        """Nobody sits here."""


class Line(Gateway):
    """A gateway that only remembers what was hung up."""

    def __init__(self) -> None:
        self.dropped: list[str] = []

    async def hang_up(self, channel_id: str) -> bool:
        """Remember."""
        self.dropped.append(channel_id)
        return True


@pytest.fixture
def hands() -> Hands:
    """Hands that keep."""
    return Hands()


@pytest.fixture
def floor(clock: FrozenClock, hands: Hands) -> Floor:
    """An empty floor."""
    empty = Floor(clock, lambda: None)
    empty.call_hands = hands
    return empty


def _reconciler(floor: Floor, line: Line) -> Reconciler:
    tasks: set[asyncio.Task[None]] = set()

    def spawn(work: Coroutine[Any, Any, None]) -> None:
        tasks.add(asyncio.create_task(work))

    return Reconciler(floor, line, spawn)


def _call(floor: Floor) -> Call:
    call = Call(new_id(), CallPolicy(ring_timeout_s=0.0, setup_s=0.0))
    floor.calls[call.id] = call
    return call


def _live(*channels: tuple[Call, str]) -> Live:
    return Live(
        tuple(
            (Leg(Role.CUSTOMER, call.id), Channel(f"c{call.id.hex}", state=state))
            for call, state in channels
        ),
        {},
    )


async def test_a_call_younger_than_the_question_is_not_gone(floor: Floor) -> None:
    """Its leg was made after Asterisk had looked."""
    old, sending = _call(floor), _call(floor)
    reconciler = _reconciler(floor, Line())
    before = reconciler.before({sending.id})
    young = _call(floor)
    reconciler.apply(_live(), before)
    expected = [
        floor.timers.is_running(call.id, TimerKind.GONE_CHECK) for call in (old, sending, young)
    ]
    floor.timers.stop_all()
    assert expected == [True, False, False]


async def test_a_leg_that_was_never_dialled_ends(
    floor: Floor, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner died between making it and dialling it: nothing would ever ring."""
    monkeypatch.setattr(floor_module, "DIAL_LIMIT_MARGIN_S", 0.0)
    line, call = Line(), _call(floor)
    reconciler = _reconciler(floor, line)
    reconciler.apply(_live((call, "Down")), reconciler.before(()))

    async def dropped() -> bool:
        return bool(line.dropped)

    await until(dropped, "the leg is removed")
    assert [ended.outcome for ended in hands.ended] == [CallOutcome.INTERRUPTED]
    assert line.dropped == [f"c{call.id.hex}"]


async def test_a_leg_that_rings_late_is_left_alone(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was dialled after all: Asterisk's own time-out will end it."""
    monkeypatch.setattr(floor_module, "DIAL_LIMIT_MARGIN_S", 0.0)
    line, call = Line(), _call(floor)
    reconciler = _reconciler(floor, line)
    reconciler.apply(_live((call, "Down")), reconciler.before(()))
    reconciler.apply(_live((call, "Ringing")), reconciler.before(()))

    async def over() -> bool:
        return not floor.timers.is_running(call.id, TimerKind.DIAL_LIMIT)

    await until(over, "the limit of the dial is over")
    assert floor.calls[call.id].state is CallState.RINGING
    assert not line.dropped


async def test_a_leg_that_listens_for_nobody_is_hung_up(floor: Floor) -> None:
    """A former owner's, or one whose verdict has come; one of another campaign is left alone."""
    line, done, listened = Line(), _call(floor), _call(floor)
    floor.calls[listened.id] = replace(listened, state=CallState.WAITING, analysing=True)
    live = replace(
        _live((done, "Ringing"), (listened, "Up")),
        listeners=frozenset({done.id, listened.id, new_id()}),
    )
    reconciler = _reconciler(floor, line)
    reconciler.apply(live, reconciler.before(()))

    async def dropped() -> bool:
        return bool(line.dropped)

    await until(dropped, "the leg is removed")
    floor.timers.stop_all()
    assert line.dropped == [names.analysis_channel(done.id)]


async def test_a_machine_in_a_bridge_is_no_conversation(floor: Floor) -> None:
    """Its verdict has come, and its leg has not left yet; after a gap nobody knows what it heard."""
    line, call = Line(), _call(floor)
    floor.calls[call.id] = replace(call, state=CallState.MACHINE, outcome=CallOutcome.MACHINE)
    reconciler = _reconciler(floor, line)
    reconciler.apply(_live((call, "Up")), reconciler.before(()))
    assert floor.calls[call.id].state is CallState.MACHINE
    assert not line.dropped
    reconciler.apply(_live((call, "Up")), reconciler.before(()), after_gap=True)

    async def dropped() -> bool:
        return bool(line.dropped)

    await until(dropped, "the leg is hung up")
    assert line.dropped == [f"c{call.id.hex}"]
