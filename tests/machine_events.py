"""Random lives of calls and agents, for the property tests of the two machines."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from dialer.agent import events as agent_ev
from dialer.call import events as call_ev
from dialer.call import talk_events as te
from dialer.call.states import CallPolicy
from dialer.call.talks import Layout
from dialer.call.verdicts import AnalysisPolicy, Verdict

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CALL_IDS = tuple(UUID(int=n) for n in range(1, 4))
PREVIEW_IDS = tuple(UUID(int=n) for n in range(21, 23))
PARTY_IDS = tuple(UUID(int=n) for n in range(31, 33))
AGENT_IDS = tuple(UUID(int=n) for n in range(11, 14))

instants = st.integers(0, 3600).map(lambda seconds: START + timedelta(seconds=seconds))
agent_ids = st.sampled_from(AGENT_IDS)
call_ids = st.sampled_from(CALL_IDS)
preview_ids = st.sampled_from(PREVIEW_IDS)

analyses = st.builds(
    AnalysisPolicy, audit_share=st.sampled_from([0.0, 1.0]), leave_message=st.booleans()
)
policies = st.builds(
    CallPolicy,
    analysis=st.none() | analyses,
    record=st.booleans(),
    abandon_message=st.booleans(),
    opt_out_key=st.sampled_from(["", "9"]),
    may_pause_recording=st.booleans(),
)

hang_ups = st.builds(
    call_ev.HungUp,
    instants,
    st.sampled_from([0, 1, 16, 17, 18, 19, 21, 34, 102, 127]),
    st.sampled_from([None, 404, 408, 480, 486, 487, 503, 603]),
    st.booleans(),
)
hang_up_requests = st.builds(
    call_ev.HangUpRequested, instants, st.sampled_from(["agent", "opt_out", "campaign_stopped"])
)

party_ids = st.sampled_from(PARTY_IDS)
_plain_wishes = (
    *(te.HoldRequested, te.UnholdRequested, te.PauseRecordingRequested),
    *(te.ResumeRecordingRequested, te.JoinRequested, te.CompleteRequested, te.CancelRequested),
)
#: What agents wish for their talks, and what comes of it.
talk_wishes: st.SearchStrategy[call_ev.CallEvent] = st.one_of(
    *(st.builds(wish, instants) for wish in _plain_wishes),
    st.builds(te.KeysRequested, instants, st.just("12#")),
    st.builds(te.TransferRequested, instants, st.just("sales"), party_ids, st.booleans()),
)
talk_events: st.SearchStrategy[call_ev.CallEvent] = st.one_of(
    talk_wishes,
    st.builds(te.PartyAnswered, instants, st.none() | party_ids),
    st.builds(te.PartyEnded, instants, st.none() | party_ids),
    st.builds(te.PartyRefused, instants, party_ids),
    st.builds(te.Arranged, instants, st.sampled_from(Layout)),
    st.builds(te.NotArranged, instants, st.sampled_from(Layout)),
    st.builds(te.RecordingPaused, instants),
)

#: Events after which a call may go on.
living_events: st.SearchStrategy[call_ev.CallEvent] = st.one_of(
    st.builds(call_ev.Rang, instants),
    st.builds(call_ev.Progressed, instants),
    st.builds(call_ev.RingExpired, instants),
    st.builds(call_ev.Answered, instants),
    st.builds(call_ev.AgentReserved, instants, agent_ids),
    st.builds(call_ev.RecordingStarted, instants),
    st.builds(call_ev.RecordingFailed, instants),
    st.builds(call_ev.Bridged, instants),
    st.builds(call_ev.BridgeFailed, instants),
    st.builds(call_ev.WaitExpired, instants),
    st.builds(call_ev.MessageFinished, instants, st.booleans()),
    st.builds(call_ev.KeyPressed, instants, st.sampled_from(["9", "9", "1", "#"])),
    st.builds(call_ev.ConfirmationFinished, instants),
    st.builds(call_ev.AnalysisFinished, instants, st.sampled_from(Verdict)),
    st.builds(call_ev.LeftBridge, instants),
    st.builds(call_ev.GreetingOver, instants, st.booleans()),
    hang_up_requests,
    talk_events,
)
call_events: st.SearchStrategy[call_ev.CallEvent] = st.one_of(
    living_events,
    hang_ups,
    st.builds(call_ev.DialRefused, instants),
    st.builds(call_ev.Vanished, instants),
)

wishes: st.SearchStrategy[agent_ev.AgentEvent] = st.one_of(
    st.builds(agent_ev.SignOutRequested, instants),
    st.builds(agent_ev.ReadyRequested, instants),
    st.builds(agent_ev.PauseRequested, instants, st.sampled_from(["lunch", "training"])),
)
leg_events: st.SearchStrategy[agent_ev.AgentEvent] = st.one_of(
    st.builds(agent_ev.LegUp, instants),
    st.builds(agent_ev.LegLost, instants),
    st.builds(agent_ev.LegRetryDue, instants),
    st.builds(agent_ev.LegGivenUp, instants),
    st.builds(agent_ev.PhoneCame, instants),
    st.builds(agent_ev.LegSilent, instants),
    st.builds(agent_ev.LegHeard, instants),
)
agent_events: st.SearchStrategy[agent_ev.AgentEvent] = st.one_of(
    st.builds(agent_ev.SignedIn, instants),
    wishes,
    leg_events,
    st.builds(agent_ev.Reserved, instants, call_ids),
    st.builds(agent_ev.ContactShown, instants, preview_ids),
    st.builds(agent_ev.ContactChosen, instants, preview_ids),
    st.builds(agent_ev.PreviewEnded, instants, preview_ids),
    st.builds(agent_ev.ContactDialled, instants, preview_ids, call_ids),
    st.builds(agent_ev.CallConnected, instants, call_ids),
    st.builds(agent_ev.CallReleased, instants, call_ids, st.booleans(), st.booleans()),
    st.builds(agent_ev.WrapUpExtended, instants, call_ids, st.integers(0, 4)),
    st.builds(agent_ev.Disposed, instants, call_ids, st.sampled_from(["sold", "refused"])),
    st.builds(agent_ev.WrapUpExpired, instants, call_ids),
)
