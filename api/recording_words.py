"""Words of the recordings' pages."""

from collections.abc import Mapping

from api.desk_words import disposition_words as disposition_words
from api.labels import mark
from campaigns.recordings.markers import MarkerKind
from campaigns.recordings.models import MaskStyle, Reason, RecordingState

STATES: Mapping[RecordingState, str] = {
    RecordingState.RAW: mark("Being written"),
    RecordingState.WAITING: mark("Being prepared"),
    RecordingState.KEPT: mark("Ready"),
    RecordingState.FAILED: mark("Failed"),
    RecordingState.DELETING: mark("Being deleted"),
    RecordingState.DELETED: mark("Deleted"),
}

REASONS: Mapping[Reason, str] = {
    Reason.NONE: "",
    Reason.DISK_FULL: mark("The disk is full. The recording is safe and is tried again."),
    Reason.STORE_AWAY: mark("The storage is away. The recording is safe and is tried again."),
    Reason.NOT_READABLE: mark("The recording's file cannot be read. It is left as it is."),
    Reason.NOT_FAITHFUL: mark("The compressed recording differs from its original, which is kept."),
    Reason.SEAL_BROKEN: mark("What was stored could not be read back. The original is kept."),
    Reason.NO_KEY: mark("OUTDIAL_SECRET_KEYS is not set: nothing is stored without a key."),
    Reason.RAW_MISSING: mark("Asterisk wrote no file: the call was not recorded."),
    Reason.FILE_MISSING: mark("The recording's file is gone."),
    Reason.RETENTION: mark("Its time was over."),
    Reason.ERASED: mark("The person's data were erased."),
}

MASKS: Mapping[MaskStyle, str] = {
    MaskStyle.NONE: mark("They hear everything"),
    MaskStyle.SILENCE: mark("Silence where personal data were said"),
    MaskStyle.BEEP: mark("A beep where personal data were said"),
}

MARKERS: Mapping[MarkerKind, str] = {
    MarkerKind.CONNECTED: mark("Agent and customer talk"),
    MarkerKind.ANSWER: mark("Answer saved"),
    MarkerKind.FIELD: mark("Field corrected"),
    MarkerKind.HELD: mark("On hold"),
    MarkerKind.CALLING: mark("A third party is called"),
    MarkerKind.TRANSFERRING: mark("Transfer under way"),
    MarkerKind.CONSULTING: mark("The agent asks a third party"),
    MarkerKind.THREE_WAY: mark("Three talk"),
    MarkerKind.AWAY: mark("Handed over"),
    MarkerKind.UNRECORDED: mark("Not recorded"),
    MarkerKind.ANNOUNCED: mark("Told of the recording"),
    MarkerKind.DISPOSITION: mark("Result"),
}

#: Sentences of modules that know nothing of languages.
SENTENCES = (
    mark("There is no such recording."),
    mark("This recording cannot be played: it is not ready yet, or was deleted."),
    mark("This link is not good any more: open the recording anew."),
    mark("The storage of the recordings is away; try again."),
    mark("The storage of the recordings is full."),
    mark("The recording's file is not in the storage."),
    mark("The recording's file was changed or belongs to another recording."),
    mark("The compressed recording differs from its original, which is kept."),
    mark("The recording's file cannot be read."),
    mark("This recording is in dispute: let it go first."),
    mark("Say why the recording is kept, in 3 to 300 letters."),
    mark("This recording is held already, or is not kept any more."),
    mark("Nobody holds this recording."),
    mark("Recordings are kept for 1 to 3660 days."),
)
