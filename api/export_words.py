"""Words of exports: formats, states, what a file lacks, why one could not be made."""

from api.labels import mark
from campaigns.delivery.words import ColumnSource, ExportFormat, ExportState

FORMATS = {
    ExportFormat.XLSX: (
        mark("Excel workbook (XLSX)"),
        mark("Numbers and times are typed, phones are text; a sheet explains the codes."),
    ),
    ExportFormat.CSV: (
        mark("CSV text"),
        mark("For every program. Cells that a spreadsheet would run get an apostrophe."),
    ),
    ExportFormat.SAV: (
        mark("SPSS (SAV)"),
        mark("With labels, missing values and sets of multiple answers."),
    ),
    ExportFormat.ZSAV: (mark("SPSS, compressed (ZSAV)"), mark("The same, for SPSS 21 and newer.")),
    ExportFormat.PARQUET: (mark("Parquet"), mark("For Python, R and data warehouses.")),
    ExportFormat.JSONL: (mark("JSON lines"), mark("An object for each contact.")),
    ExportFormat.REFRESH: (
        mark("Refreshed database"),
        mark("Your own files with corrected values, what changed in them, and a summary."),
    ),
}

#: What it is called, and the colour of its mark.
STATES = {
    ExportState.WAITING: (mark("Waits for a worker"), "paused"),
    ExportState.RUNNING: (mark("Being written"), "running"),
    ExportState.DONE: (mark("Ready"), "running"),
    ExportState.FAILED: (mark("Failed"), "stopped"),
    ExportState.CANCELLED: (mark("Cancelled"), ""),
    ExportState.GONE: (mark("File deleted"), ""),
}

SOURCES = {
    ColumnSource.OWN: mark("Your list"),
    ColumnSource.OURS: mark("Calls"),
    ColumnSource.ANSWER: mark("Form"),
    ColumnSource.OTHER: mark("Form"),
    ColumnSource.OPTION: mark("Form"),
    ColumnSource.RANK: mark("Form"),
    ColumnSource.PART: mark("Form"),
}

#: Reasons that the database keeps in English.
REASONS = (
    mark("The export was broken off several times. It was logged."),
    mark("The campaign's lists came in several files: ask for all of them in one ZIP."),
    mark("This workbook cannot be given back: save it as XLSX."),
    mark("There is no such layout."),
)

#: What our columns mean: ``campaigns.delivery.layouts.ours``.
MEANINGS = (
    mark("The contact list"),
    mark("The row of the list, 1 = the first below the headings"),
    mark("The client's own key of the person"),
    mark("The number of the last attempt"),
    mark("Attempts made"),
    mark("How the system saw the last attempt end"),
    mark("The final disposition or outcome; empty while the lead is open"),
    mark("The agent's code for the last attempt"),
    mark("The words of that code"),
    mark("Who talked"),
    mark("When the last attempt began, UTC"),
    mark("The same on the contact's clock"),
    mark("When the last attempt was answered, UTC"),
    mark("The contact's time zone"),
    mark("Seconds from agent to hang-up"),
    mark("The recording's file name"),
    mark("What the agent wrote about the last attempt"),
    mark("The form's version the interview was held in"),
    mark("How the interview ended; empty while it is open"),
    mark("When the interview began, UTC"),
)

MESSAGES = (
    mark("There is no such export."),
    mark("This export has no file: it is not ready, or its file was deleted."),
    mark("This export has ended already."),
    mark("This export is under way or has its file: there is nothing to begin again."),
    mark("These options cannot be used for such a file."),
    mark("There is no such layout."),
    mark("The layout has no draft: what there is was frozen already."),
    mark("The call centre is preparing the columns of this file: try again later, or ask there."),
    mark("Operators' names are given by the call centre alone: ask there."),
    mark("These columns cannot be used."),
    mark("There is no such column."),
    mark("Pick a column: a file has at least one."),
    mark("These are too many columns for one file."),
    mark("Two columns have the same name: give one another."),
    mark("The name of a column is too long."),
)
