"""The settings on the one page, in the order in which a manager thinks; the rest is in the API."""

from collections.abc import Mapping

from api.setup.fields_first import WHAT, WHEN, WHO
from api.setup.fields_then import AGAIN, HOW, LAW
from api.setup.kinds import LIVES, SECTIONS, Field, Kind, Live, Section

__all__ = ["BY_NAME", "FIELDS", "LIVES", "SECTIONS", "Field", "Kind", "Live", "Section"]

#: Every field, in the order of the page.
FIELDS: tuple[Field, ...] = (*WHAT, *WHEN, *WHO, *HOW, *AGAIN, *LAW)
BY_NAME: Mapping[str, Field] = {one.name: one for one in FIELDS}
