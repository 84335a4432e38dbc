"""The states of a campaign, its leads, imports and callbacks."""

from enum import StrEnum


class CampaignState(StrEnum):
    """Where in its life a campaign is."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"  #: no new calls; live ones end by themselves; agents stay signed in
    STOPPED = "stopped"  #: ended by a person
    FINISHED = "finished"  #: every lead has its result


class LeadState(StrEnum):
    """Where in its life a lead is."""

    WAITING = "waiting"  #: due at ``next_attempt_at``
    DIALING = "dialing"  #: has a live attempt
    DONE = "done"  #: has its ``result``


class PhoneKind(StrEnum):
    """What a number is for, as the client's column says."""

    PRIMARY = "primary"
    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"
    OTHER = "other"


class ImportState(StrEnum):
    """Where in its life an import is."""

    STAGED = "staged"  #: uploaded, may be looked at and changed
    COMMITTING = "committing"  #: a background worker writes it; begun anew after a crash
    COMMITTED = "committed"
    FAILED = "failed"  #: nothing of it was written; ``state_reason`` says why
    UNDONE = "undone"  #: everything it wrote was taken back


class CallbackState(StrEnum):
    """What became of a promised callback."""

    OPEN = "open"
    KEPT = "kept"  #: dialled at the promised time
    CANCELLED = "cancelled"
