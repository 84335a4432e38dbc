"""The words of exports: formats, states, kinds of columns and where their values come from."""

from enum import StrEnum


class ExportFormat(StrEnum):
    """What kind of file an export is."""

    CSV = "csv"
    XLSX = "xlsx"
    SAV = "sav"  #: SPSS
    ZSAV = "zsav"  #: SPSS, compressed by zlib
    PARQUET = "parquet"
    JSONL = "jsonl"
    REFRESH = "refresh"  #: the client's own files with corrected values, the changes and a summary

    @property
    def suffix(self) -> str:
        """Return how the file's name ends, without the dot."""
        return "zip" if self is ExportFormat.REFRESH else self.value

    @property
    def has_layout(self) -> bool:
        """Tell whether the columns are those of a layout; the refreshed file has the client's own."""
        return self is not ExportFormat.REFRESH


class ExportState(StrEnum):
    """Where in its life an export is."""

    WAITING = "waiting"  #: for a worker
    RUNNING = "running"
    DONE = "done"  #: the file is whole
    FAILED = "failed"
    CANCELLED = "cancelled"
    GONE = "gone"  #: the file was deleted: too old, or a person in it was erased


#: States in which a worker has something to do.
OPEN = (ExportState.WAITING, ExportState.RUNNING)


class ColumnKind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "instant"  #: UTC
    LOCAL = "local"  #: the clock on the contact's wall
    CHOICE = "choice"  #: one of the codes of a codebook
    FLAG = "flag"  #: 1 chosen, 0 not


class ColumnSource(StrEnum):
    """Where the values of a column come from."""

    OWN = "own"  #: the client's list: ``key`` is the heading
    OURS = "ours"  #: what became of the lead: ``key`` is one of our facts
    ANSWER = "answer"  #: an answer: ``key`` is the question's code
    OTHER = "other"  #: the words beside an option that asks for some
    OPTION = "option"  #: whether an option of several was chosen: ``part``
    RANK = "rank"  #: which option has this place: ``part``, from 0
    PART = "part"  #: a row of a matrix, a line of an address: ``part``
