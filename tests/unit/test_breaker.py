"""The trunk's circuit breaker: opens on faults, probes with one call, never stays open for ever."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.pacing.breaker import Breaker, BreakerPolicy, BreakerState

POLICY = BreakerPolicy(window_s=60, least_calls=4, fault_rate=0.5, pause_s=30)

#: (seconds since the last one, a call went out or ended, a fault)
histories = st.lists(
    st.tuples(st.floats(0, 40), st.sampled_from(["placed", "ended"]), st.booleans()), max_size=60
)


def after(*faults: bool, at_s: float = 0.0) -> Breaker:
    breaker = Breaker(POLICY)
    for fault in faults:
        breaker = breaker.ended(at_s, fault=fault)
    return breaker


def replayed(history: list[tuple[float, str, bool]]) -> tuple[Breaker, float]:
    breaker, now_s = Breaker(POLICY), 0.0
    for pause_s, what, fault in history:
        now_s += pause_s
        placed = what == "placed"
        breaker = breaker.placed(now_s) if placed else breaker.ended(now_s, fault=fault)
    return breaker, now_s


def test_faults_open_it_for_the_pause() -> None:
    breaker = after(True, True, False, False)
    assert breaker.state(0) is BreakerState.OPEN
    assert breaker.allowed(29.9) == 0
    assert breaker.state(30) is BreakerState.HALF_OPEN
    assert breaker.allowed(30) == 1


def test_too_few_calls_or_too_few_faults_do_not() -> None:
    assert after(True, True, True).allowed(0) is None
    assert after(False, False, False, True, False, True).allowed(0) is None


def test_old_results_are_forgotten() -> None:
    breaker = after(True, True, True).ended(61, fault=True)
    assert breaker.allowed(61) is None
    assert breaker.faults() == (1, 1)


def test_one_probe_at_a_time() -> None:
    probing = after(True, True, True, True).placed(31)
    assert probing.allowed(31) == 0


def test_a_good_probe_closes_it_with_a_clean_record() -> None:
    closed = after(True, True, True, True).placed(31).ended(40, fault=False)
    assert closed == Breaker(POLICY)


def test_a_bad_probe_opens_it_again() -> None:
    again = after(True, True, True, True).placed(31).ended(40, fault=True)
    assert again.state(69.9) is BreakerState.OPEN
    assert again.allowed(70) == 1


def test_a_call_from_before_is_no_probe() -> None:
    opened = after(True, True, True, True)
    assert opened.ended(10, fault=False) == opened
    assert opened.ended(31, fault=False) == opened
    assert opened.ended(31, fault=True) == opened


@given(history=histories)
def test_calls_go_out_freely_only_while_closed(history: list[tuple[float, str, bool]]) -> None:
    breaker, now_s = replayed(history)
    allowed = breaker.allowed(now_s)
    match breaker.state(now_s):
        case BreakerState.CLOSED:
            assert allowed is None
        case BreakerState.OPEN:
            assert allowed == 0
        case BreakerState.HALF_OPEN:
            assert allowed in (0, 1)


@given(history=histories)
def test_good_calls_never_open_it(history: list[tuple[float, str, bool]]) -> None:
    breaker, now_s = replayed([(pause_s, what, False) for pause_s, what, _ in history])
    assert breaker.state(now_s) is BreakerState.CLOSED


@given(history=histories)
def test_a_good_probe_always_brings_it_back(history: list[tuple[float, str, bool]]) -> None:
    breaker, now_s = replayed(history)
    now_s += POLICY.pause_s + 1
    healed = breaker.placed(now_s).ended(now_s, fault=False)
    assert healed.allowed(now_s) is None or breaker.state(now_s) is BreakerState.CLOSED


@given(history=histories)
def test_the_record_stays_inside_the_window(history: list[tuple[float, str, bool]]) -> None:
    breaker, now_s = replayed(history)
    seconds = [second for second, _, _ in breaker.results]
    assert seconds == sorted(set(seconds))
    assert len(seconds) <= POLICY.window_s
    assert all(second <= now_s for second in seconds)
    faults, calls = breaker.faults()
    assert 0 <= faults <= calls
    ended = sum(1 for _, what, _ in history if what == "ended")
    assert calls <= ended


@given(history=histories)
def test_a_closed_record_is_below_the_threshold(history: list[tuple[float, str, bool]]) -> None:
    breaker, now_s = replayed(history)
    faults, calls = breaker.faults()
    if breaker.state(now_s) is BreakerState.CLOSED and calls >= POLICY.least_calls:
        assert faults / calls < POLICY.fault_rate
