"""What the values of dimensions are called: ids become names, of the client's own rows only."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.dimensions import Dimension

_NAMES = {
    Dimension.CAMPAIGN: "SELECT id, name FROM campaign WHERE client_id = :client_id",
    Dimension.LIST: "SELECT id, name FROM contact_list WHERE client_id = :client_id",
    Dimension.AGENT: "SELECT id, name FROM agent WHERE client_id = :client_id",
    Dimension.TRUNK: (
        "SELECT id, name FROM trunk WHERE (client_id = :client_id OR client_id IS NULL)"
    ),
    Dimension.FORM: (
        "SELECT v.id, f.code || ' ' || v.number AS name FROM form_version v"
        " JOIN form f ON f.id = v.form_id WHERE v.client_id = :client_id"
    ),
    Dimension.SCRIPT: (
        "SELECT v.id, s.name || ' ' || v.number AS name FROM script_version v"
        " JOIN script s ON s.id = v.script_id WHERE v.client_id = :client_id"
    ),
}

#: Codes of results have words of the client's own; what campaigns call differently keeps its code.
_LABELS = """
    SELECT code AS id, min(label) AS name FROM disposition
    WHERE client_id = :client_id AND code = ANY(CAST(:ids AS text[]))
    GROUP BY code HAVING count(DISTINCT label) = 1
"""

Names = Mapping[Dimension, Mapping[str, str]]


async def names_of(
    session: AsyncSession, client_id: UUID, values: Mapping[Dimension, Iterable[str]]
) -> Names:
    """Return the names of values by dimension; what needs none is not in it."""
    found: dict[Dimension, dict[str, str]] = {}
    for dimension, ids in values.items():
        asked = sorted({one for one in ids if one})
        chosen = _statement(dimension)
        if not chosen or not asked:
            continue
        rows: Any = await session.execute(text(chosen), {"client_id": client_id, "ids": asked})
        found[dimension] = {str(row.id): row.name for row in rows}
    return found


def _statement(dimension: Dimension) -> str:
    if dimension is Dimension.DISPOSITION:
        return _LABELS
    statement = _NAMES.get(dimension, "")
    alias = "v." if " v " in statement else ""
    return statement and f"{statement} AND {alias}id = ANY(CAST(:ids AS uuid[]))"


async def choices(
    session: AsyncSession, client_id: UUID, dimension: Dimension, *, most: int = 500
) -> list[tuple[str, str]]:
    """Return ids and names that a client can filter by, sorted by name."""
    statement = f"{_NAMES[dimension]} ORDER BY name LIMIT :most"
    rows: Any = await session.execute(text(statement), {"client_id": client_id, "most": most})
    return [(str(row.id), row.name) for row in rows]
