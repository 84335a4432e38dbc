"""A supervisor's listening: whole ones told once, and what holds for every one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from dialer.call import monitor_commands as do
from dialer.call import monitor_events as ev
from dialer.call.monitor_events import Mode
from dialer.call.monitors import CALL_ENDED, LEG_LIMIT_S, Monitor, MonitorState, step

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ME, TALK, NEXT = UUID(int=1), UUID(int=2), UUID(int=3)
S = MonitorState
_calls = st.sampled_from([TALK, NEXT])
_at = st.integers(0, 600).map(lambda s: AT + timedelta(seconds=s))
events = st.one_of(
    *(st.builds(kind, _at) for kind in (ev.Begun, ev.LegUp, ev.LegLost, ev.LegRetryDue)),
    *(st.builds(kind, _at) for kind in (ev.LegGivenUp, ev.TalkEnded, ev.Left)),
    *(st.builds(kind, _at, _calls) for kind in (ev.TalkBegan, ev.TakeOverWished, ev.CallOver)),
    st.builds(ev.ModeWished, _at, st.sampled_from(Mode)),
    st.builds(ev.FollowWished, _at, st.booleans()),
    st.builds(ev.Taken, _at, st.booleans()),
)


def lived(
    *happened: ev.MonitorEvent, follow: bool = True
) -> tuple[Monitor, list[do.MonitorCommand]]:
    monitor = Monitor(ME, follow=follow)
    told: list[do.MonitorCommand] = []
    for event in happened:
        moved = step(monitor, event)
        monitor = moved.monitor
        told += moved.commands
    return monitor, told


def test_a_supervisor_hears_talk_after_talk_and_whispers() -> None:
    monitor, told = lived(
        *(ev.Begun(AT), ev.LegUp(AT), ev.TalkBegan(AT, TALK), ev.ModeWished(AT, Mode.WHISPER)),
        *(ev.TalkEnded(AT), ev.TalkBegan(AT, NEXT)),
    )
    assert (monitor.state, monitor.call_id) == (S.HEARING, NEXT)
    heard = [one for one in told if isinstance(one, do.Attach | do.Detach | do.Note)]
    assert heard == [
        *(do.Attach(Mode.LISTEN), do.Note("call_began", TALK), do.Attach(Mode.WHISPER)),
        *(do.Detach(), do.Note("call_ended", TALK)),
        *(do.Attach(Mode.WHISPER), do.Note("call_began", NEXT)),
    ]


def test_one_who_stays_for_one_call_leaves_with_it() -> None:
    begun = (ev.Begun(AT), ev.LegUp(AT), ev.TalkBegan(AT, TALK), ev.TalkEnded(AT))
    monitor, told = lived(*begun, follow=False)
    assert monitor.state is S.OVER
    assert told[-1] == do.StoreEnd(CALL_ENDED)


def test_a_lost_telephone_is_called_again_and_given_up() -> None:
    begun = (ev.Begun(AT), ev.TalkBegan(AT, TALK), ev.LegUp(AT), ev.LegLost(AT))
    monitor, told = lived(*begun)
    assert monitor.state is S.CALLING
    assert do.GiveUpLegAfter(LEG_LIMIT_S) in told
    back, told = lived(*begun, ev.LegRetryDue(AT), ev.LegUp(AT))
    assert (back.state, back.call_id) == (S.HEARING, TALK)
    gone, told = lived(*begun, ev.LegGivenUp(AT))
    assert (gone.state, told[-1]) == (S.OVER, do.StoreEnd("unreached"))


def test_a_take_over_and_one_that_fails() -> None:
    begun = (ev.Begun(AT), ev.LegUp(AT), ev.TalkBegan(AT, TALK), ev.TakeOverWished(AT, TALK))
    taken, told = lived(*begun, ev.Taken(AT, done=True), ev.TalkEnded(AT), ev.TalkBegan(AT, NEXT))
    assert (taken.state, taken.call_id) == (S.TAKEN, TALK)
    assert do.TakeOver(TALK) in told
    over, told = lived(*begun, ev.Taken(AT, done=True), ev.CallOver(AT, TALK))
    assert (over.state, told[-1]) == (S.OVER, do.StoreEnd(CALL_ENDED))
    back, told = lived(*begun, ev.Taken(AT, done=False), ev.TakeOverWished(AT, TALK))
    assert back.state is S.HEARING, "the wish that failed is in the row still"


@given(st.lists(events, max_size=40), st.booleans())
def test_nobody_is_heard_outside_of_a_talk_and_every_talk_that_began_is_told_as_ended(
    happened: list[ev.MonitorEvent], follow: bool
) -> None:
    monitor, attached, noted = Monitor(ME, follow=follow), False, set[UUID]()
    for event in happened:
        before = monitor
        moved = step(monitor, event)
        monitor = moved.monitor
        if before.state is S.OVER:
            assert (moved.monitor, moved.commands) == (before, ())
        for command in moved.commands:
            match command:
                case do.Attach(mode):
                    assert monitor.state is S.HEARING
                    assert mode is monitor.mode
                    attached = True
                case do.Detach() | do.DropLeg():
                    attached = False
                case do.Note("call_began", call_id):
                    assert not noted
                    noted.add(call_id)
                case do.Note("call_ended", call_id):
                    noted.discard(call_id)
                case _:
                    pass
        assert attached == (monitor.state is S.HEARING)
        if monitor.state in (S.HEARING, S.TAKING, S.TAKEN):
            assert monitor.call_id is not None
            assert noted == {monitor.call_id}
        elif not isinstance(event, ev.Left):  # who leaves has the end stored with the wish
            assert not noted or monitor.state is S.OVER
