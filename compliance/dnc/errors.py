"""What can be wrong with a do-not-call list."""

from dialer.errors import Conflict, Invalid, NotFound


class DncUnreadable(Invalid):
    """The file that was given is no list that can be used; nothing was stored."""

    code = "dnc_unreadable"
    message = "This file cannot be read as a do-not-call list."


class DncDamaged(Conflict):
    """A stored version is not what was written: it must be built again, never trusted."""

    code = "dnc_damaged"
    message = "This do-not-call list is damaged on disk. Import it again."


class DncMissing(NotFound):
    """A stored version is not on this machine."""

    code = "dnc_missing"
    message = "This do-not-call list is not stored here. Import it again."
