"""Words of the client's portal: what clients read instead of codes, and what the portal refuses."""

from api import export_words
from api.labels import mark
from campaigns.delivery.words import ExportFormat, ExportState
from campaigns.portal.words import RequestKind, RequestState, UploadState

#: A file that one click orders, and what it is good for.
FILES = {
    ExportFormat.XLSX: (
        mark("Excel (XLSX)"),
        mark("A table, with a sheet that explains the codes"),
    ),
    ExportFormat.SAV: (mark("SPSS (SAV)"), mark("With labels and missing values")),
    ExportFormat.CSV: (mark("CSV"), mark("For every other program")),
    ExportFormat.REFRESH: (
        mark("Refreshed database"),
        mark("Your own file with corrected values, and what changed"),
    ),
}

#: A client knows of no workers.
FILE_STATES = export_words.STATES | {ExportState.WAITING: (mark("Being prepared"), "paused")}

KINDS = {
    RequestKind.DO_NOT_CALL: mark("Do not call"),
    RequestKind.ERASURE: mark("Erase all data"),
}

STATES = {
    RequestState.OPEN: (mark("Being worked on"), "paused"),
    RequestState.DONE: (mark("Done"), "running"),
    RequestState.REFUSED: (mark("Refused"), "stopped"),
}

UPLOADS = {
    UploadState.LOOKED_AT: (mark("Not handed over yet"), "paused"),
    UploadState.HANDED_OVER: (mark("With the call centre"), "paused"),
    UploadState.SENT_BACK: (mark("Sent back to you"), "stopped"),
    UploadState.TAKEN: (mark("Taken over"), "running"),
}

#: Refusals of ``campaigns.portal``.
REFUSALS = (
    mark("There is no such request."),
    mark("This request was closed already."),
    mark("Name the person: a phone number with its country code, or your own key."),
    mark("At most 100 numbers at once: send them in parts."),
    mark("Say why: the client reads it."),
    mark("There is no such file."),
    mark("The call centre has this file: it cannot be changed any more."),
    mark("The client has not handed this file over, or it was imported."),
    mark("There are no results yet: nothing can be drawn."),
    mark("Twenty samples of this campaign are open: finish some before you draw another."),
    mark("There is no such sample."),
    mark("This check is finished: draw another sample to go on."),
    mark("Accept or dispute every result first; disputes must be answered."),
    mark("Recordings are not shown here. Ask the call centre if you need them."),
    mark("This would be more than 2,000 results: draw a smaller part."),
)

#: Actions of the audit log.
ACTIONS = {
    "portal_settings.changed": mark("Settings of the portal changed"),
    "client_request.asked": mark("Request of the client"),
    "client_request.done": mark("Request of the client carried out"),
    "client_request.refused": mark("Request of the client refused"),
    "upload.handed_over": mark("Client handed a list over"),
    "upload.sent_back": mark("Client's list sent back"),
    "sample.drawn": mark("Sample for acceptance drawn"),
    "sample.result_accepted": mark("Result of a sample accepted"),
    "sample.result_disputed": mark("Result of a sample disputed"),
    "sample.answered": mark("Dispute of a sample answered"),
    "sample.finished": mark("Sample for acceptance finished"),
    "sample.downloaded": mark("Report of a sample downloaded"),
}
