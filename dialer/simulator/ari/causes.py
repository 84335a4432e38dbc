"""How a call ends: SIP final responses as Asterisk reports them in ARI events."""

from dataclasses import dataclass

#: The text of a Q.850 cause, in Asterisk's words. Source: ITU-T Q.850, table 1.
CAUSE_TEXTS = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    16: "Normal Clearing",
    17: "User busy",
    18: "No user responding",
    19: "User alerting, no answer",
    21: "Call Rejected",
    22: "Number changed",
    26: "Answered elsewhere",
    27: "Destination out of order",
    28: "Invalid number format",
    31: "Normal, unspecified",
    34: "Circuit/channel congestion",
    38: "Network out of order",
    44: "Requested channel not available",
    58: "Bearer capability not available",
    102: "Recover on timer expiry",
    127: "Interworking, unspecified",
}

#: What ``reason=`` of ``DELETE /channels/{id}`` stands for. Source: Asterisk 22, ARI, channels.
REASONS = {
    "normal": 16,
    "busy": 17,
    "congestion": 34,
    "no_answer": 19,
    "timeout": 102,
    "rejected": 21,
    "unallocated": 1,
    "normal_unspecified": 31,
    "number_incomplete": 28,
    "codec_mismatch": 127,
    "interworking": 127,
    "failure": 38,
    "answered_elsewhere": 26,
}

#: SIP final response -> Q.850 cause. Measured on Asterisk 22.10 with one call for each code.
CAUSES_OF_SIP = {
    403: 21,
    404: 1,
    408: 18,
    410: 22,
    480: 19,
    484: 28,
    486: 17,
    488: 58,
    500: 38,
    502: 27,
    503: 34,
    504: 102,
    580: 34,
    600: 17,
    603: 21,
}

#: Whatever the table does not know.
INTERWORKING = 127

_DIAL_RESULTS = {17: "BUSY", 34: "CONGESTION"}


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a channel ends: ``cause`` is Q.850, ``tech_cause`` the SIP code when the far end gave one."""

    cause: int
    tech_cause: int | None = None
    requested: bool = True  #: a ChannelHangupRequest and a last Dial event come with it

    @property
    def text(self) -> str:
        """Return Asterisk's words for the cause."""
        return CAUSE_TEXTS.get(self.cause, CAUSE_TEXTS[INTERWORKING])

    @property
    def dial_result(self) -> str:
        """Return the ``dialstatus`` of the last Dial event of a call that was never up."""
        return _DIAL_RESULTS.get(self.cause, "NOANSWER")


#: The callee's BYE carries no Reason header, so Asterisk knows no cause.
CALLEE_LEFT = Ending(0)
#: Our own dial timeout looks like a remote 480, but nothing announces it.
DIAL_TIMEOUT = Ending(19, 480, requested=False)
#: A snoop whose channel is gone.
SPIED_LEFT = Ending(0, requested=False)
#: The dialplan ran out, or hung up.
DIALPLAN_ENDED = Ending(16)


def of_sip(code: int) -> Ending:
    """Return how a call refused with SIP ``code`` (400 to 699) ends."""
    return Ending(CAUSES_OF_SIP.get(code, INTERWORKING), code)


def of_delete(reason_code: str, reason: str) -> Ending:
    """Return how a channel ends that is deleted with these query parameters (empty: 16)."""
    cause = int(reason_code) if reason_code.isdigit() else REASONS.get(reason, 16)
    return Ending(cause, 480 if cause == 19 else None)
