"""Our columns: what became of a lead, after the client's own columns."""

from campaigns.delivery.layouts.columns import Column
from campaigns.delivery.words import ColumnKind as Kind
from campaigns.delivery.words import ColumnSource

#: By name: what it is, and what it means. Instants are UTC and, beside it, the contact's wall clock.
OURS: dict[str, tuple[Kind, str]] = {
    "list": (Kind.TEXT, "The contact list"),
    "row": (Kind.INTEGER, "The row of the list, 1 = the first below the headings"),
    "external_key": (Kind.TEXT, "The client's own key of the person"),
    "dialled_phone": (Kind.TEXT, "The number of the last attempt"),
    "attempts": (Kind.INTEGER, "Attempts made"),
    "last_outcome": (Kind.TEXT, "How the system saw the last attempt end"),
    "result": (Kind.TEXT, "The final disposition or outcome; empty while the lead is open"),
    "disposition": (Kind.TEXT, "The agent's code for the last attempt"),
    "disposition_label": (Kind.TEXT, "The words of that code"),
    "agent": (Kind.TEXT, "Who talked"),
    "called_at": (Kind.INSTANT, "When the last attempt began, UTC"),
    "called_at_local": (Kind.LOCAL, "The same on the contact's clock"),
    "answered_at": (Kind.INSTANT, "When the last attempt was answered, UTC"),
    "answered_at_local": (Kind.LOCAL, "The same on the contact's clock"),
    "time_zone": (Kind.TEXT, "The contact's time zone"),
    "talk_s": (Kind.NUMBER, "Seconds from agent to hang-up"),
    "recording": (Kind.TEXT, "The recording's file name"),
    "note": (Kind.TEXT, "What the agent wrote about the last attempt"),
}
#: These come with a form.
OF_FORM: dict[str, tuple[Kind, str]] = {
    "form_version": (Kind.INTEGER, "The form's version the interview was held in"),
    "interview_ending": (Kind.TEXT, "How the interview ended; empty while it is open"),
    "interview_began_at": (Kind.INSTANT, "When the interview began, UTC"),
}


def our_columns(*, with_form: bool) -> list[Column]:
    """Return our columns under their usual names."""
    known = OURS | (OF_FORM if with_form else {})
    return [
        Column(name, ColumnSource.OURS, name, kind, label=label)
        for name, (kind, label) in known.items()
    ]
