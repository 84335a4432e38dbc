"""Which raw file Asterisk writes of a call: of the whole, of its greeting, or none. Pure."""

from uuid import UUID

from dialer.call.states import Call
from dialer.call.verdicts import Treatment, is_audited, is_reviewed


def raw_name(call_id: UUID) -> str:
    """Return the name of the file with the whole call."""
    return f"{call_id.hex}.raw"


def piece_name(call_id: UUID, piece_id: UUID) -> str:
    """Return the name of a file with what was said after a gap; ids of pieces sort by time."""
    return f"{call_id.hex}-{piece_id.hex}.raw"


def piece_names(call_id: UUID) -> str:
    """Return the pattern of the names of a call's pieces, for ``Path.glob``."""
    return f"{call_id.hex}-{'[0-9a-f]' * 32}.raw"


def greeting_name(call_id: UUID) -> str:
    """Return the name of the file with what the analysis heard, where the call is not recorded."""
    return f"{call_id.hex}-greeting.raw"


def keeps_greeting(call: Call) -> bool:
    """Tell whether what the analysis hears is recorded: a reviewer will want it.

    Known from the call's id before anybody speaks; what was no machine is deleted again.
    """
    analysis = call.policy.analysis
    return (
        analysis is not None
        and analysis.keep_greeting
        and not call.policy.record
        and not is_audited(call.id, analysis.audit_share)
        and is_reviewed(call.id, analysis.review_share)
    )


def is_for_review(call: Call) -> bool:
    """Tell whether the call's verdict waits for a reviewer: acted on, drawn, and to be heard."""
    analysis = call.policy.analysis
    if analysis is None or call.treatment is not Treatment.ACTED:
        return False
    drawn = is_reviewed(call.id, analysis.review_share)
    return drawn and (call.recording or keeps_greeting(call))


def kept_file(call: Call) -> str | None:
    """Return the raw file that is kept of an ended call; None: there is none."""
    if call.recording or call.record_failed:  # the failure is told where the file is missing
        return raw_name(call.id)
    acted = call.treatment is Treatment.ACTED
    return greeting_name(call.id) if acted and keeps_greeting(call) else None
