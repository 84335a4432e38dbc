"""Which events there are, and the version of what each tells."""

from collections.abc import Mapping
from enum import StrEnum


class EventKind(StrEnum):
    """What happened; the noun is the event's subject, whose id it carries."""

    ATTEMPT_BEGUN = "attempt.begun"  #: a number is dialled
    ATTEMPT_ENDED = "attempt.ended"  #: the attempt has its outcome
    RESULT_SAVED = "result.saved"  #: an agent gave the call its disposition
    RESULT_CORRECTED = "result.corrected"  #: the disposition was changed
    FORM_COMPLETED = "form.completed"  #: nothing is left to ask
    FORM_CLOSED = "form.closed"  #: screened out, or a quota was full
    CALLBACK_PROMISED = "callback.promised"
    CALLBACK_CHANGED = "callback.changed"  #: another time or agent
    CALLBACK_DONE = "callback.done"  #: it was dialled as promised
    CALLBACK_CANCELLED = "callback.cancelled"  #: taken back, or another promise took its place
    LEAD_CLOSED = "lead.closed"  #: the contact is not dialled any more; its result stands
    OPT_OUT_ADDED = "opt_out.added"  #: a number is on the client's do-not-call list
    OPT_OUT_LIFTED = "opt_out.lifted"  #: it was taken off
    CONTACT_ERASED = "contact.erased"  #: a person's data were erased on request
    IMPORT_COMMITTED = "import.committed"
    IMPORT_FAILED = "import.failed"
    IMPORT_UNDONE = "import.undone"
    CAMPAIGN_STATE_CHANGED = "campaign.state_changed"


#: Kinds after which a contact's result reads otherwise.
RESULT_KINDS = frozenset(
    {
        EventKind.ATTEMPT_ENDED,
        EventKind.RESULT_SAVED,
        EventKind.RESULT_CORRECTED,
        EventKind.FORM_COMPLETED,
        EventKind.FORM_CLOSED,
        EventKind.LEAD_CLOSED,
    }
)

#: Versions of what a kind tells; 1 where a kind is not named. A field more keeps the version, a field that
#: goes or means something else raises it.
VERSIONS: Mapping[EventKind, int] = {}


def version_of(kind: EventKind) -> int:
    """Return the version of what a kind tells."""
    return VERSIONS.get(kind, 1)
