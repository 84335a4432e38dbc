"""The words of the portal: kinds and states of what a client asks for."""

from enum import StrEnum


class RequestKind(StrEnum):
    """What a client asks for about one person."""

    DO_NOT_CALL = "do_not_call"  #: done at once
    ERASURE = "erasure"  #: no calls at once; the data go when the call centre has looked


class RequestState(StrEnum):
    """Where in its life a request is."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class UploadState(StrEnum):
    """How far a client's file is."""

    LOOKED_AT = "looked_at"  #: the client still changes it
    HANDED_OVER = "handed_over"  #: the call centre looks at it
    SENT_BACK = "sent_back"  #: with a reason; the client may change it again
    TAKEN = "taken"  #: imported, or being imported
