"""What an export may be told beside its format and its layout."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from campaigns.delivery.words import ExportFormat
from dialer.errors import Invalid


class BadExportOptions(Invalid):
    """The options cannot be used; ``facts["faults"]`` says why."""

    code = "bad_export_options"
    message = "These options cannot be used for such a file."


class ExportOptions(BaseModel):
    """How the file is written. What another format asks for is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bom: bool = True  #: CSV: the byte order mark without which Excel misreads UTF-8
    separator: Literal[",", ";", "\t", "|"] = (
        ","  #: CSV: Excel in Russian and Ukrainian wants ``;``
    )
    guard: bool = True  #: CSV: an apostrophe goes before what a spreadsheet would run
    only_changed: bool = False  #: refresh: only rows in which a value changed
    names: bool = False  #: refresh: operators by their names; else by a code each
    bare: bool = False  #: refresh: the client's file alone, if it is one; not a ZIP of all

    @classmethod
    def read(cls, said: Mapping[str, Any], format_: ExportFormat) -> "ExportOptions":
        """Return the options that somebody said.

        Raises:
            BadExportOptions: unknown, impossible, or not of this format.
        """
        foreign = sorted(set(said) - _OF.get(format_, frozenset()))
        if foreign:
            raise BadExportOptions(faults=[f"{name}: not of {format_.value}" for name in foreign])
        try:
            return cls.model_validate(dict(said))
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
            raise BadExportOptions(faults=faults) from error


_OF = {
    ExportFormat.CSV: frozenset({"bom", "separator", "guard"}),
    ExportFormat.REFRESH: frozenset({"only_changed", "bare", "names"}),
}
