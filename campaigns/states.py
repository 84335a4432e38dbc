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


class PreviewWish(StrEnum):
    """What an agent decided about a contact that is shown."""

    DIAL = "dial"
    SKIP = "skip"


class PreviewEnd(StrEnum):
    """How the showing of a contact to an agent ended."""

    DIALLED = "dialled"
    SKIPPED = "skipped"  #: by the agent; the reason is a ``SkipReason``
    TIMED_OUT = "timed_out"  #: the agent did not decide within the campaign's limit
    REFUSED = "refused"  #: the agent dialled, and the gate or the trunk said no
    WITHDRAWN = "withdrawn"  #: taken away; the reason is a ``WithdrawnFor``


class SkipReason(StrEnum):
    """Why an agent does not dial a contact now. Codes only: free words could name the person."""

    NOT_NOW = "not_now"  #: a bad moment for this person
    NOT_FOR_ME = "not_for_me"  #: language, knowledge: somebody else should call
    WRONG_DATA = "wrong_data"  #: what the list says cannot be right
    NO_FIT = "no_fit"  #: the offer is not for this person
    OTHER = "other"


class WithdrawnFor(StrEnum):
    """Why a contact was taken away from the agent who read it."""

    AGENT_PAUSED = "agent_paused"
    AGENT_LEFT = "agent_left"
    LEG_LOST = "leg_lost"
    CAMPAIGN_NOT_RUNNING = "campaign_not_running"
    MODE_CHANGED = "mode_changed"
    SELECTION_PENDING = "selection_pending"
    SUPPRESSED = "suppressed"
    OUTSIDE_WINDOW = "outside_window"
    LEAD_CHANGED = "lead_changed"  #: erased, undone, or changed by an import
    WORKER_CHANGED = "worker_changed"  #: another worker owns the campaign now


class CallbackState(StrEnum):
    """What became of a promised callback."""

    OPEN = "open"
    KEPT = "kept"  #: dialled at the promised time
    CANCELLED = "cancelled"
