"""Asterisk's events as ours: the measured sequences of each way a dial can go, to the outcome."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from dialer.ari import messages as msg
from dialer.ari import names
from dialer.ari.translate import (
    AgentLegAnswered,
    AgentLegEnded,
    CallHeard,
    Heard,
    OwnershipLost,
    Translator,
)
from dialer.call import events as ev
from dialer.call.machine import step
from dialer.call.states import Call, CallOutcome, CallPolicy
from dialer.call.verdicts import Verdict

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ATTEMPT, SESSION = UUID(int=7), UUID(int=8)
BRIDGE = msg.Bridge("b1")


def leg(role: str, leg_id: UUID, state: str = "Down") -> msg.Channel:
    variables = {names.ROLE: role, names.ID: leg_id.hex}
    return msg.Channel(f"{role[0]}{leg_id.hex}", "PJSIP/carrier-1", state, variables)


CUSTOMER, AGENT = leg("customer", ATTEMPT), leg("agent", SESSION)
STRANGER = msg.Channel("1700000000.1", "PJSIP/other-1", "Up")


def dial(status: str) -> msg.Dial:
    return msg.Dial(peer=CUSTOMER, dialstatus=status)


def gone(cause: int, tech_cause: int | None = None) -> msg.ChannelDestroyed:
    return msg.ChannelDestroyed(channel=CUSTOMER, cause=cause, tech_cause=tech_cause)


REFUSED = msg.ChannelHangupRequest(channel=CUSTOMER)


def heard(*events: msg.AriEvent) -> list[Heard]:
    translator = Translator(lambda: NOW)
    return [told for event in events if (told := translator.translate(event)) is not None]


def call_events(*events: msg.AriEvent) -> list[ev.CallEvent]:
    told = heard(*events)
    assert all(isinstance(one, CallHeard) and one.attempt_id == ATTEMPT for one in told)
    return [one.event for one in told if isinstance(one, CallHeard)]


def outcome(*events: msg.AriEvent) -> CallOutcome | None:
    call = Call(ATTEMPT, CallPolicy())
    for event in call_events(*events):
        call = step(call, event).call
    return call.outcome


#: (what Asterisk sent, what it means); the sequences were measured (docs/telephony.md).
SEQUENCES: dict[str, tuple[list[msg.AriEvent], CallOutcome]] = {
    "486": ([dial("BUSY"), REFUSED, gone(17, 486)], CallOutcome.BUSY),
    "486 after ringing": (
        [dial("RINGING"), dial("BUSY"), REFUSED, gone(17, 486)],
        CallOutcome.BUSY,
    ),
    "503": ([dial("CONGESTION"), REFUSED, gone(34, 503)], CallOutcome.CONGESTION),
    "404": ([dial("NOANSWER"), REFUSED, gone(1, 404)], CallOutcome.INVALID_NUMBER),
    "404 after tones": (
        [dial("PROGRESS"), dial("NOANSWER"), REFUSED, gone(1, 404)],
        CallOutcome.INVALID_NUMBER,
    ),
    "603 after ringing": (
        [dial("RINGING"), dial("NOANSWER"), REFUSED, gone(21, 603)],
        CallOutcome.REJECTED,
    ),
    "480 from the far end": (
        [dial("RINGING"), dial("NOANSWER"), REFUSED, gone(19, 480)],
        CallOutcome.UNREACHABLE,
    ),
    "480, only the hang-up request seen": ([REFUSED, gone(19, 480)], CallOutcome.UNREACHABLE),
    "480, only the final dial seen": (
        [dial("NOANSWER"), gone(19, 480)],
        CallOutcome.UNREACHABLE,
    ),
    "our time-out while it rings": ([dial("RINGING"), gone(19, 480)], CallOutcome.NO_ANSWER),
    "our time-out with early media": ([dial("PROGRESS"), gone(19, 480)], CallOutcome.NO_ANSWER),
    "our time-out after 100 only": ([dial(""), gone(19, 480)], CallOutcome.NO_RESPONSE),
    "nothing listens": ([dial("NOANSWER"), REFUSED, gone(18, 408)], CallOutcome.NO_RESPONSE),
    "callee hangs up early": (
        [dial("RINGING"), dial("ANSWER"), REFUSED, gone(0)],
        CallOutcome.HUNG_UP_EARLY,
    ),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_how_a_dial_ends(name: str) -> None:
    events, expected = SEQUENCES[name]
    assert outcome(*events) is expected


def test_a_conversation_ended_by_the_callee() -> None:
    events: list[msg.AriEvent] = [
        dial(""),
        dial("RINGING"),
        dial("ANSWER"),
        msg.ChannelStateChange(channel=leg("customer", ATTEMPT, "Up")),
        msg.StasisStart(channel=CUSTOMER, args=["recording"]),
        msg.ChannelEnteredBridge(bridge=BRIDGE, channel=CUSTOMER),
        msg.ChannelLeftBridge(bridge=BRIDGE, channel=CUSTOMER),
        REFUSED,
        msg.StasisEnd(channel=CUSTOMER),
        gone(0),
    ]
    assert call_events(*events) == [
        ev.Rang(NOW),
        ev.Answered(NOW),
        ev.Answered(NOW),
        ev.RecordingStarted(NOW),
        ev.Bridged(NOW),
        ev.LeftBridge(NOW),
        ev.HungUp(NOW, 0, None, remote=True),
    ]


def test_a_refusal_is_remembered_for_its_own_leg_only() -> None:
    other = leg("customer", UUID(int=9))
    told = heard(msg.ChannelHangupRequest(channel=other), gone(19, 480))
    assert told == [CallHeard(ATTEMPT, ev.HungUp(NOW, 19, 480, remote=False))]


def test_a_refusal_is_forgotten_with_its_leg() -> None:
    first, second = call_events(REFUSED, gone(19, 480), gone(19, 480))
    assert isinstance(first, ev.HungUp)
    assert isinstance(second, ev.HungUp)
    assert (first.remote, second.remote) == (True, False)


def test_a_sip_code_of_zero_is_no_code() -> None:
    assert call_events(gone(16, 0)) == [ev.HungUp(NOW, 16, None, remote=False)]


def test_asterisks_own_instant_wins() -> None:
    stamped = msg.Dial(
        timestamp="2026-11-23T08:59:59.500+0000", peer=CUSTOMER, dialstatus="RINGING"
    )
    assert call_events(stamped) == [ev.Rang(datetime(2026, 11, 23, 8, 59, 59, 500000, UTC))]


def test_a_channel_that_rings_or_is_up() -> None:
    states = [leg("customer", ATTEMPT, state) for state in ("Ringing", "Up", "Down")]
    events = [msg.ChannelStateChange(channel=channel) for channel in states]
    assert call_events(*events) == [ev.Rang(NOW), ev.Answered(NOW)]


def test_only_the_recording_dialplan_says_that_it_records() -> None:
    assert heard(msg.StasisStart(channel=CUSTOMER, args=[])) == []
    assert heard(msg.StasisStart(channel=CUSTOMER, args=["dialled"])) == []


@pytest.mark.parametrize("state", ["done", "failed"])
def test_the_message_is_over_even_when_it_could_not_be_played(state: str) -> None:
    ours = msg.Playback(names.playback(ATTEMPT), state)
    told = ev.MessageFinished(NOW, heard=state == "done")
    assert call_events(msg.PlaybackFinished(playback=ours)) == [told]
    confirmed = msg.Playback(names.confirmation(ATTEMPT), state)
    assert call_events(msg.PlaybackFinished(playback=confirmed)) == [ev.ConfirmationFinished(NOW)]
    other = msg.Playback("snoop-1", state)
    assert heard(msg.PlaybackFinished(playback=other)) == []


LISTENER = msg.Channel(names.analysis_channel(ATTEMPT), "Snoop/c1-1", "Up")


@pytest.mark.parametrize(
    ("args", "event"),
    [
        (
            ["amd", "HUMAN", "HUMAN-500-500"],
            ev.AnalysisFinished(NOW, Verdict.HUMAN, "HUMAN-500-500"),
        ),
        (
            ["amd", "MACHINE", "MAXWORDS-5-4"],
            ev.AnalysisFinished(NOW, Verdict.MACHINE, "MAXWORDS-5-4"),
        ),
        (
            ["amd", "NOTSURE", "TOOLONG-4900"],
            ev.AnalysisFinished(NOW, Verdict.NOT_SURE, "TOOLONG-4900"),
        ),
        (["amd", "HANGUP", ""], ev.AnalysisFinished(NOW, Verdict.FAILED)),
        (["amd", ""], ev.AnalysisFinished(NOW, Verdict.FAILED)),
    ],
)
def test_the_leg_that_listens_tells_its_verdict(
    args: list[str], event: ev.AnalysisFinished
) -> None:
    made = msg.StasisStart(channel=LISTENER)
    assert call_events(made, msg.StasisStart(channel=LISTENER, args=args)) == [event]


def test_a_leg_that_listened_and_is_gone_tells_nothing_more() -> None:
    gone_now = msg.ChannelDestroyed(channel=LISTENER, cause=16)
    assert call_events(gone_now) == [ev.AnalysisFinished(NOW, Verdict.FAILED)]
    assert heard(msg.ChannelHangupRequest(channel=LISTENER)) == []


@pytest.mark.parametrize(("status", "silent"), [("SILENCE", True), ("TIMEOUT", False), ("", False)])
def test_the_end_of_a_greeting(status: str, *, silent: bool) -> None:
    back = msg.StasisStart(channel=CUSTOMER, args=["greeting", status])
    assert call_events(back) == [ev.GreetingOver(NOW, silent)]


def test_only_a_customers_keys_are_told() -> None:
    key = msg.ChannelDtmfReceived(channel=CUSTOMER, digit="9")
    assert call_events(key) == [ev.KeyPressed(NOW, "9")]
    assert heard(msg.ChannelDtmfReceived(channel=AGENT, digit="9")) == []


def test_an_agents_leg() -> None:
    up = leg("agent", SESSION, "Up")
    assert heard(
        msg.Dial(peer=AGENT, dialstatus="RINGING"),
        msg.Dial(peer=AGENT, dialstatus="ANSWER"),
        msg.ChannelStateChange(channel=up),
        msg.StasisStart(channel=up, args=["agent"]),
        msg.ChannelEnteredBridge(bridge=BRIDGE, channel=up),
        msg.ChannelHangupRequest(channel=up),
        msg.ChannelDestroyed(channel=up, cause=16),
    ) == [
        AgentLegAnswered(SESSION, up.id, NOW),
        AgentLegEnded(SESSION, up.id, NOW),
    ]


@pytest.mark.parametrize(
    "event",
    [
        msg.ChannelDestroyed(channel=STRANGER, cause=16),
        msg.ChannelDtmfReceived(channel=STRANGER, digit="9"),
        msg.ChannelStateChange(channel=STRANGER),
        msg.Dial(peer=STRANGER, dialstatus="ANSWER"),
        msg.ChannelEnteredBridge(bridge=BRIDGE, channel=STRANGER),
        msg.ChannelEnteredBridge(bridge=BRIDGE, channel=None),
        msg.ChannelDestroyed(channel=msg.Channel("c1", channelvars={names.ROLE: "customer"})),
        msg.ChannelDestroyed(channel=leg("somebody", ATTEMPT)),
    ],
)
def test_what_is_not_ours_means_nothing(event: msg.AriEvent) -> None:
    assert heard(event) == []


def test_a_lost_application_is_a_lost_ownership() -> None:
    assert heard(msg.ApplicationReplaced(application="outdial-1")) == [OwnershipLost()]


def test_names_there_and_back() -> None:
    assert names.leg_of(CUSTOMER) == names.Leg(names.Role.CUSTOMER, ATTEMPT)
    assert names.attempt_of_playback(names.playback(ATTEMPT)) == ATTEMPT
    seated = msg.Bridge("b1", names.bridge_name(SESSION))
    assert names.session_of_bridge(seated) == SESSION
    assert names.session_of_bridge(BRIDGE) is None
    ids = {names.new_agent_channel(), names.new_bridge(), names.customer_channel(ATTEMPT)}
    assert {len(name) for name in ids} == {33}, "Asterisk compares ids as prefixes"
    assert all(name == name.lower() for name in ids)
