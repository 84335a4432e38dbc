"""What can be wrong with a client's file as a whole."""

from dialer.errors import Invalid


class UnreadableFile(Invalid):
    """The file is not a table we can read."""

    code = "unreadable_file"
    message = "This file cannot be read as a table. Send CSV, XLSX, XLS, ODS or JSON lines."


class EmptyFile(Invalid):
    """The file has no rows below its headings."""

    code = "empty_file"
    message = "This file has no rows with contacts."


class FileTooLarge(Invalid):
    """The file, or what it unpacks to, is larger than we read; the sentence names the limit."""

    code = "file_too_large"
    message = "This file is too large. Split it."


class UnknownSheet(Invalid):
    """The workbook has no sheet of that name; the sentence names those it has."""

    code = "unknown_sheet"
    message = "This workbook has no such sheet."
