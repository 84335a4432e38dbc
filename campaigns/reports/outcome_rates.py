"""The survey trade's outcome rates, and the group to which each outcome code belongs.

Source: AAPOR, Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys, 9th
edition (2016): tables for telephone surveys, and "Calculating outcome rates from final dispositions".
"""

from collections.abc import Mapping

from campaigns.reports.measure import Better, Group, Measure, Unit
from dialer.call.states import CallOutcome

SOURCE = "AAPOR Standard Definitions, 9th edition"

#: Groups of codes: the longest beginning that fits decides.
GROUPS: Mapping[str, str] = {
    "1.1": "complete",
    "1.2": "partial",
    "1": "complete",
    "2.1": "refused",  # refusal and break-off
    "2.2": "non_contact",
    "2": "other",
    "3.1": "unknown_household",
    "3": "unknown_other",
    "4": "not_eligible",
}

#: The code of a case that only calls without a result tell of.
BY_OUTCOME: Mapping[CallOutcome, str] = {
    CallOutcome.CONNECTED: "3.21",  # somebody spoke; nobody said whether the person is eligible
    CallOutcome.ABANDONED: "3.21",
    CallOutcome.HUNG_UP_EARLY: "3.21",
    CallOutcome.MACHINE: "3.14",
    CallOutcome.NO_ANSWER: "3.13",
    CallOutcome.BUSY: "3.12",
    CallOutcome.REJECTED: "3.13",
    CallOutcome.INVALID_NUMBER: "4.3",
    CallOutcome.CONGESTION: "3.15",
    CallOutcome.UNREACHABLE: "3.15",
    CallOutcome.NO_RESPONSE: "3.15",
    CallOutcome.CANCELLED: "3.13",
    CallOutcome.NOT_SENT: "3.15",
    CallOutcome.INTERRUPTED: "3.15",
}
#: Of a disposition without a code of its own.
OF_SUCCESS, OF_REFUSAL, OF_TALK = "1.1", "2.11", "3.21"

_INTERVIEWS = ("complete", "partial")
_ELIGIBLE = (*_INTERVIEWS, "refused", "non_contact", "other")
_UNKNOWN = ("unknown_household", "unknown_other")
_TALKED = (*_INTERVIEWS, "refused", "other")
_E = "unknown_eligible"


def _rate(
    key: str, name: str, formula: str, over: tuple[str, ...], under: tuple[str, ...], better: Better
) -> Measure:
    return Measure(key, name, formula, Unit.SHARE, SOURCE, Group.CASES, over, under, better=better)


_UP, _DOWN = Better.HIGHER, Better.LOWER

#: I interviews, P partial ones, R refusals and break-offs, NC non-contacts, O others, UH and UO unknown
#: households and others, e the share of the unknown ones that is taken to be eligible.
OUTCOME_RATES = (
    _rate(
        "rr1",
        "Response rate 1",
        "I / (I + P + R + NC + O + UH + UO)",
        ("complete",),
        (*_ELIGIBLE, *_UNKNOWN),
        _UP,
    ),
    _rate(
        "rr2",
        "Response rate 2",
        "(I + P) / (I + P + R + NC + O + UH + UO)",
        _INTERVIEWS,
        (*_ELIGIBLE, *_UNKNOWN),
        _UP,
    ),
    _rate(
        "rr3",
        "Response rate 3",
        "I / (I + P + R + NC + O + e (UH + UO))",
        ("complete",),
        (*_ELIGIBLE, _E),
        _UP,
    ),
    _rate(
        "rr4",
        "Response rate 4",
        "(I + P) / (I + P + R + NC + O + e (UH + UO))",
        _INTERVIEWS,
        (*_ELIGIBLE, _E),
        _UP,
    ),
    _rate("rr5", "Response rate 5", "I / (I + P + R + NC + O)", ("complete",), _ELIGIBLE, _UP),
    _rate("rr6", "Response rate 6", "(I + P) / (I + P + R + NC + O)", _INTERVIEWS, _ELIGIBLE, _UP),
    _rate("coop1", "Cooperation rate 1", "I / (I + P + R + O)", ("complete",), _TALKED, _UP),
    _rate("coop2", "Cooperation rate 2", "(I + P) / (I + P + R + O)", _INTERVIEWS, _TALKED, _UP),
    _rate(
        "coop3",
        "Cooperation rate 3",
        "I / (I + P + R)",
        ("complete",),
        (*_INTERVIEWS, "refused"),
        _UP,
    ),
    _rate(
        "coop4",
        "Cooperation rate 4",
        "(I + P) / (I + P + R)",
        _INTERVIEWS,
        (*_INTERVIEWS, "refused"),
        _UP,
    ),
    _rate(
        "ref1",
        "Refusal rate 1",
        "R / (I + P + R + NC + O + UH + UO)",
        ("refused",),
        (*_ELIGIBLE, *_UNKNOWN),
        _DOWN,
    ),
    _rate(
        "ref2",
        "Refusal rate 2",
        "R / (I + P + R + NC + O + e (UH + UO))",
        ("refused",),
        (*_ELIGIBLE, _E),
        _DOWN,
    ),
    _rate("ref3", "Refusal rate 3", "R / (I + P + R + NC + O)", ("refused",), _ELIGIBLE, _DOWN),
    _rate(
        "con1",
        "Contact rate 1",
        "(I + P + R + O) / (I + P + R + O + NC + UH + UO)",
        _TALKED,
        (*_ELIGIBLE, *_UNKNOWN),
        _UP,
    ),
    _rate(
        "con2",
        "Contact rate 2",
        "(I + P + R + O) / (I + P + R + O + NC + e (UH + UO))",
        _TALKED,
        (*_ELIGIBLE, _E),
        _UP,
    ),
    _rate(
        "con3", "Contact rate 3", "(I + P + R + O) / (I + P + R + O + NC)", _TALKED, _ELIGIBLE, _UP
    ),
)


def group_of(code: str) -> str:
    """Return the component that counts cases of an outcome code such as ``2.112``."""
    for length in range(len(code), 0, -1):
        found = GROUPS.get(code[:length])
        if found is not None:
            return found
    return "unknown_other"
