"""What the network said, as an outcome: SIP codes first, Q.850 causes where no code came.

Source: RFC 3261 section 21 for the codes, ITU-T Q.850 for the causes; which of the two Asterisk 22
reports for which final response was measured (docs/telephony.md).
"""

from dialer.call.states import CallOutcome

_BY_SIP_CODE: dict[int, CallOutcome] = {
    403: CallOutcome.REJECTED,
    404: CallOutcome.INVALID_NUMBER,
    408: CallOutcome.NO_RESPONSE,
    410: CallOutcome.INVALID_NUMBER,
    480: CallOutcome.UNREACHABLE,
    484: CallOutcome.INVALID_NUMBER,
    486: CallOutcome.BUSY,
    487: CallOutcome.CANCELLED,
    600: CallOutcome.BUSY,
    603: CallOutcome.REJECTED,
    604: CallOutcome.INVALID_NUMBER,
    607: CallOutcome.REJECTED,
    608: CallOutcome.REJECTED,
}

_BY_CAUSE: dict[int, CallOutcome] = {
    1: CallOutcome.INVALID_NUMBER,
    17: CallOutcome.BUSY,
    18: CallOutcome.NO_RESPONSE,
    19: CallOutcome.NO_ANSWER,
    20: CallOutcome.UNREACHABLE,
    21: CallOutcome.REJECTED,
    22: CallOutcome.INVALID_NUMBER,
    28: CallOutcome.INVALID_NUMBER,
}

#: Causes of a leg that our side ended without the machine's knowing (a former owner, a person at
#: Asterisk's console): neither the carrier's fault nor the called person's.
_OUR_OWN_END = frozenset({0, 16})

#: Outcomes that say something about the trunk, not about the person called.
TRUNK_FAULTS = frozenset({CallOutcome.CONGESTION, CallOutcome.NO_RESPONSE, CallOutcome.NOT_SENT})


def outcome_of(cause: int, sip_code: int | None, *, remote: bool, rang: bool) -> CallOutcome:
    """Return the outcome of a call that ended before it was answered.

    Asterisk reports its own ring time-out as 19/480, like a 480 of the far end: ``remote`` tells the
    two apart, and ``rang`` (ringing or early media seen) tells an unanswered phone from a gateway
    that never responded.
    """
    if not remote and sip_code in (None, 480) and cause == 19:
        return CallOutcome.NO_ANSWER if rang else CallOutcome.NO_RESPONSE
    if sip_code is not None:
        return _BY_SIP_CODE.get(sip_code, CallOutcome.CONGESTION)
    if cause in _OUR_OWN_END:
        return CallOutcome.INTERRUPTED
    return _BY_CAUSE.get(cause, CallOutcome.CONGESTION)
