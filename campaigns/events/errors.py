"""What events refuse, each with what would mend it."""

from dialer.errors import Invalid, NotFound


class EventsGone(NotFound):
    """The cursor is older than what is kept."""

    code = "events_gone"
    message = (
        "Events after this cursor are not kept any more: take the state of now from an export or from"
        " the campaign's results, then go on from the cursor in `floor`."
    )


class CursorAhead(Invalid):
    """The cursor is newer than the newest event."""

    code = "cursor_ahead"
    message = (
        "There has been no event with this number: the cursor is of another client or installation."
        " Begin with the cursor in `last`."
    )
