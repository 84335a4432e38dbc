"""Measures of operators, from the log of their states."""

from decimal import Decimal

from campaigns.reports.measure import Better, Group, Measure, Target, Unit

_MS = Decimal("0.001")
_PER_HOUR = Decimal(3_600_000)
_TRADE = "call-centre practice"
_OURS = "Outdial"
#: At work and not on a break.
AT_WORK = (
    *("on_call_ms", "wrap_up_ms", "ready_ms", "previewing_ms", "dialing_ms", "reserved_ms"),
    "connecting_ms",
)

AGENT_MEASURES = (
    Measure(
        "aht",
        "Average handling time (AHT)",
        "(talk + hold + wrap-up) / calls taken",
        Unit.SECONDS,
        _TRADE,
        Group.AGENTS,
        ("talk_ms", "wrap_up_ms"),
        ("connected",),
        _MS,
        Better.LOWER,
    ),
    Measure(
        "occupancy",
        "Occupancy",
        "(talk + wrap-up) / (logged in - paused)",
        Unit.SHARE,
        _TRADE,
        Group.AGENTS,
        ("on_call_ms", "wrap_up_ms"),
        AT_WORK,
        better=Better.HIGHER,
        target=Target(0.85, 0.7),
    ),
    Measure(
        "logged_in_s",
        "Time logged in",
        "time in any state but offline",
        Unit.SECONDS,
        _TRADE,
        Group.AGENTS,
        (*AT_WORK, "paused_ms"),
        scale=_MS,
    ),
    Measure(
        "talk_s",
        "Time on calls",
        "time in the state on a call, holds included",
        Unit.SECONDS,
        _TRADE,
        Group.AGENTS,
        ("on_call_ms",),
        scale=_MS,
    ),
    Measure(
        "hold_s",
        "Time on hold",
        "time for which agents put their customers on hold",
        Unit.SECONDS,
        _TRADE,
        Group.CALLS,
        ("hold_ms",),
        scale=_MS,
    ),
    Measure(
        "wrap_up_s",
        "Time in wrap-up",
        "time in the state wrap-up",
        Unit.SECONDS,
        _TRADE,
        Group.AGENTS,
        ("wrap_up_ms",),
        scale=_MS,
    ),
    Measure(
        "pause_s",
        "Time on breaks",
        "time in the state paused",
        Unit.SECONDS,
        _TRADE,
        Group.AGENTS,
        ("paused_ms",),
        scale=_MS,
    ),
    Measure(
        "wait_s",
        "Time waiting",
        "time in the state ready",
        Unit.SECONDS,
        _TRADE,
        Group.AGENTS,
        ("ready_ms",),
        scale=_MS,
        better=Better.LOWER,
    ),
    Measure(
        "readiness_s",
        "Readiness time",
        "talk + wait",
        Unit.SECONDS,
        _TRADE,
        Group.AGENTS,
        ("on_call_ms", "ready_ms"),
        scale=_MS,
        better=Better.HIGHER,
    ),
    Measure(
        "agent_days",
        "Operator days",
        "operators at work, counted for each campaign and day",
        Unit.COUNT,
        _OURS,
        Group.AGENTS,
        ("agent_days",),
    ),
    Measure(
        "calls_per_agent_day",
        "Calls per operator and day",
        "calls taken / operator days",
        Unit.RATIO,
        _TRADE,
        Group.AGENTS,
        ("connected",),
        ("agent_days",),
        better=Better.HIGHER,
        target=Target(50, 50),
    ),
    Measure(
        "calls_per_hour",
        "Calls per operator hour",
        "calls taken / hours logged in without breaks",
        Unit.RATIO,
        _TRADE,
        Group.AGENTS,
        ("connected",),
        AT_WORK,
        _PER_HOUR,
        Better.HIGHER,
    ),
)

#: Of the whole client.
PEOPLE_MEASURES = (
    Measure(
        "agents_per_supervisor",
        "Operators per supervisor",
        "active operators / active supervisors at the end of the period",
        Unit.RATIO,
        _TRADE,
        Group.PEOPLE,
        ("operators_now",),
        ("supervisors_now",),
    ),
    Measure(
        "turnover",
        "Staff turnover",
        "operators disabled in the period / mean of active operators at its beginning and end",
        Unit.SHARE,
        _TRADE,
        Group.PEOPLE,
        ("operators_left", "operators_left"),
        ("operators_before", "operators_now"),
        better=Better.LOWER,
    ),
)
