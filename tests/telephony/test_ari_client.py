"""The ARI client on the real Asterisk: what the simulator can only imitate."""

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from dialer.ari import messages as msg
from dialer.ari import names
from dialer.ari.errors import AriRefused, AriUnavailable, AriWrongPassword
from dialer.ari.files import download_recording
from dialer.call import events as ev
from dialer.call.states import CallOutcome, CallState
from dialer.clock import SystemClock
from dialer.ids import new_id
from tests.exchange import Exchange
from tests.line import Line, line
from tests.tones import middle, read_wav, tone_share
from tests.world import until

#: What the carrier is told to do, by the outcome it must have. Source: RFC 3261, section 21.
FATES = {
    CallOutcome.BUSY: ("t-busy", "t-reject-c486", "t-reject-c600", "t-early_media_busy-r500"),
    CallOutcome.REJECTED: ("t-reject", "t-reject-c403", "t-busy-c607", "t-busy-c608"),
    CallOutcome.INVALID_NUMBER: ("t-invalid", "t-busy-c410", "t-reject-c484", "t-busy-c604"),
    CallOutcome.CONGESTION: (
        "t-congestion",
        "t-busy-c500",
        "t-busy-c502",
        "t-busy-c504",
        "t-busy-c488",
        "t-busy-c580",
    ),
    CallOutcome.UNREACHABLE: ("t-unavailable", "t-reject-c480"),
    CallOutcome.NO_RESPONSE: ("t-silent", "t-busy-c408"),
    CallOutcome.NO_ANSWER: ("t-no_answer",),
    CallOutcome.HUNG_UP_EARLY: ("t-answer-r100-t300",),
}
#: The codes Asterisk reports: its own ring time-out looks like a 480 of the far end.
ODD_CODES = {"t-silent": 480, "t-no_answer": 480, "t-answer-r100-t300": None}


async def test_every_final_response_has_its_outcome(exchange: Exchange) -> None:
    """A 480 of the far end is told from our own time-out, ringing or not."""
    expected = {user: outcome for outcome, users in FATES.items() for user in users}
    async with line(exchange) as ours:
        dialled = {user: await ours.dial(user) for user in expected}
        ended = {user: await ours.see(call, CallState.ENDED) for user, call in dialled.items()}
    assert {user: call.outcome for user, call in ended.items()} == expected
    sent = {call.number: call.final_code for call in exchange.book().calls}
    reported = {user: call.sip_code for user, call in ended.items()}
    assert reported == {user: ODD_CODES.get(user, sent[user]) for user in expected}


async def test_a_busy_tone_before_the_answer_is_no_answer(exchange: Exchange) -> None:
    """Early media is heard of and never counts as answered."""
    async with line(exchange) as ours:
        call = await ours.see(await ours.dial("t-early_media_busy-r500"), CallState.ENDED)
    assert call.early_media
    assert call.answered_at is None


async def test_a_gateway_that_is_not_there_gives_no_response(exchange: Exchange) -> None:
    """Nobody at the address: nobody was called."""
    async with line(exchange) as ours:
        gone = await ours.dial("", endpoint="PJSIP/carrier/sip:nobody@127.0.0.1:9")
        call = await ours.see(gone, CallState.ENDED)
    assert call.outcome is CallOutcome.NO_RESPONSE


async def test_a_call_we_cancel_is_cancelled(exchange: Exchange) -> None:
    """The carrier sees CANCEL, the books say who did it."""
    async with line(exchange) as ours:
        attempt = await ours.dial("t-no_answer")
        await ours.see(attempt, CallState.RINGING)
        ours.feed(attempt, ev.HangUpRequested(SystemClock().now(), "paused"))
        assert await ours.gateway.hang_up_customer(attempt)
        call = await ours.see(attempt, CallState.ENDED)
        assert not await ours.gateway.hang_up_customer(attempt)
    assert (call.outcome, call.ended_by) == (CallOutcome.CANCELLED, "paused")

    async def cancelled() -> bool:
        return exchange.call_to("t-no_answer").ended_by == "cancelled"

    await until(cancelled, "the carrier's log has the CANCEL")


async def test_events_are_typed_and_carry_our_names(exchange: Exchange) -> None:
    """Ringing, answer and end of one call, each stamped to the millisecond."""
    async with line(exchange) as ours:
        await ours.gateway.prepare()
        attempt = await ours.dial("t-answer-r300-t200")
        await ours.see(attempt, CallState.ENDED)
    dials = [e.dialstatus for e in ours.events if isinstance(e, msg.Dial)]
    assert dials == ["", "RINGING", "ANSWER"]
    (ended,) = [e for e in ours.events if isinstance(e, msg.ChannelDestroyed)]
    leg = names.leg_of(ended.channel)
    assert leg == names.Leg(names.Role.CUSTOMER, attempt)
    stamps = [stamp for event in ours.events if (stamp := event.sent_at())]
    assert len(stamps) == len(ours.events)
    assert any(stamp.microsecond % 1_000_000 for stamp in stamps)
    assert all(stamp.microsecond % 1_000 == 0 for stamp in stamps)


async def test_a_wrong_password_is_said_at_once(exchange: Exchange) -> None:
    """Trying again would not help: a person must act."""
    stranger = Line(exchange, uuid4())
    stranger.connection._endpoint = replace(exchange.ari, password="wrong")
    with pytest.raises(AriWrongPassword):
        await stranger.connection.run()
    assert stranger.connected == 0


async def test_refusals_carry_their_code(exchange: Exchange) -> None:
    """What is not there is gone; what cannot be made is refused; without a connection nothing is."""
    async with line(exchange) as ours:
        with pytest.raises(AriRefused) as gone:
            await ours.connection.request("GET", "channels/none", operation="look")
        assert gone.value.is_gone
        with pytest.raises(AriRefused) as refused:
            await ours.dial("", endpoint="PJSIP/nobody-here")
        assert (refused.value.http_code, refused.value.is_gone) == (500, False)
    with pytest.raises(AriUnavailable):
        await ours.dial("t-busy")
    assert exchange.book().total == 0


async def test_the_caller_id_arrives_at_the_carrier(exchange: Exchange) -> None:
    """The From header names our number."""
    async with line(exchange) as ours:
        call = await ours.dial("t-busy", caller_id="+74951234567")
        await ours.see(call, CallState.ENDED)
    assert exchange.call_to("t-busy").caller == "+74951234567"


async def test_a_second_socket_takes_the_application(exchange: Exchange) -> None:
    """The first is told and hears nothing more; the call's end goes to the second."""
    campaign_id = uuid4()
    async with line(exchange, campaign_id) as first:
        attempt = await first.dial("t-answer-r100")
        await first.see(attempt, CallState.WAITING)
        async with line(exchange, campaign_id) as second:

            async def replaced() -> bool:
                return first.connection.replaced

            await until(replaced, "the first socket is told")
            assert isinstance(first.events[-1], msg.ApplicationReplaced)
            with pytest.raises(AriUnavailable):
                await first.gateway.live()
            second.calls[attempt] = first.calls[attempt]
            live = await second.gateway.live()
            assert [leg.id for leg, _ in live.channels] == [attempt]
            await exchange.carrier.order("bye", number="t-answer-r100")
            await second.see(attempt, CallState.ENDED)
    assert first.calls[attempt].state is CallState.WAITING
    assert first.connected == 1


async def test_the_connection_comes_back_after_asterisk(exchange: Exchange) -> None:
    """A crash of Asterisk is noticed, and requests work again after its start."""
    async with line(exchange) as ours:
        exchange.server.kill()

        async def lost() -> bool:
            return ours.lost == 1 and not ours.connection.is_up

        await until(lost, "the loss is noticed")
        with pytest.raises(AriUnavailable):
            await ours.gateway.live()
        await asyncio.to_thread(exchange.server.start)
        await ours.see_connected(2)
        assert (await ours.gateway.live()).channels == ()
        await ours.see(await ours.dial("t-busy"), CallState.ENDED)


async def test_a_recording_is_downloaded_whole(exchange: Exchange, tmp_path: Path) -> None:
    """The file is the one Asterisk has, and the customer is on it."""
    name, to = f"r{new_id().hex}", tmp_path / "call.wav"
    kept = exchange.server.recording_dir / f"{name}.wav"
    async with line(exchange) as ours:
        attempt = await ours.dial("t-answer-r100-gtone_440")
        await ours.see(attempt, CallState.WAITING)
        # Asterisk counts a leg of create and dial as bridged: its snoop can be recorded.
        ear = f"s{new_id().hex}"
        snoop = f"channels/{names.customer_channel(attempt)}/snoop/{ear}"
        await ours.connection.request("POST", snoop, {"spy": "in", "app": ours.application})
        how = {"name": name, "format": "wav", "maxDurationSeconds": "1"}

        async def records() -> bool:
            """The snoop answers before it is ours: until then Asterisk refuses."""
            try:
                await ours.connection.request("POST", f"channels/{ear}/record", how)
            except AriRefused as refused:
                if refused.http_code != 409:  # not in its application yet
                    raise
                return False
            return True

        await until(records, "the snoop is recorded")

        async def finished() -> bool:
            try:
                await ours.connection.request("GET", f"recordings/live/{name}")
            except AriRefused as error:
                return error.is_gone
            return False

        await until(finished, "the second is recorded")
        size = await download_recording(exchange.ari, name, to)
        assert await ours.gateway.hang_up_customer(attempt)
        await ours.see(attempt, CallState.ENDED)
        with pytest.raises(AriRefused) as missing:
            await download_recording(exchange.ari, "none", tmp_path / "none.wav")
    assert missing.value.is_gone
    assert size == len(kept.read_bytes())
    assert to.read_bytes() == kept.read_bytes()
    (samples,) = read_wav(to)
    assert tone_share(middle(samples, 2_000), 440) > 0.9
    assert _names_in(tmp_path) == ["call.wav"]


def _names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]
