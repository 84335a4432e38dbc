"""What a file says of the call centre's operators: their names only where a manager chose that."""

from hashlib import md5
from uuid import UUID

from campaigns.delivery.layouts.columns import Column, Layout
from campaigns.delivery.words import ColumnSource

#: Columns of ours that name people of the call centre: in no layout until a manager picks them.
NAMING = frozenset({"agent"})
#: SQL of who talked, ``g`` being the agent: the name, or a code that says it was the same person again.
WHO_TALKED = (
    "CASE WHEN CAST(:names AS boolean) THEN g.name ELSE 'op-' || left(md5(g.id::text), 8) END"
)


def code_of(agent_id: UUID) -> str:
    """Return the code of an operator, the same in files and events."""
    digest = md5(str(agent_id).encode(), usedforsecurity=False).hexdigest()
    return f"op-{digest[:8]}"


def names_operators(column: Column) -> bool:
    """Tell whether a column has operators' names."""
    return column.source is ColumnSource.OURS and column.key in NAMING


def is_with_names(layout: Layout) -> bool:
    """Tell whether a manager chose a layout with operators' names."""
    return any(map(names_operators, layout.columns))
