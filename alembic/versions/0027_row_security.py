"""Row-level security: a person's request sees and changes the rows of its client only."""

import sqlalchemy as sa
from alembic import op

from dialer.row_policies import (
    CLIENT,
    PERSON,
    disable_rows,
    enable_client_rows,
    enable_rows,
    enable_rows_through,
    ensure_role,
    open_to_all,
)

revision = '0027'
down_revision = '0026'

#: Tables without ``client_id``: their column with the parent's id, and the parent.
THROUGH = {
    'apitoken': ('user_id', 'user_account'),
    'campaign_list': ('campaign_id', 'campaign'),
    'agent_state_entry': ('campaign_id', 'campaign'),
    'lead_claim': ('campaign_id', 'campaign'),
    'lane': ('campaign_id', 'campaign'),
    'campaign_caller_id': ('campaign_id', 'campaign'),
    'caller_id_use': ('caller_id_id', 'caller_id'),
    'contact_change': ('import_id', 'list_import'),
}
#: Rows of these may belong to everybody.
SHARED = ('trunk', 'dnc_list')
#: Rows of these are seen by others than those who may change them.
SEEN_WIDER = ('client', 'client_access', 'user_account')


def _tables() -> list[str]:
    """Return every table there is with a column ``client_id``: also those of migrations between."""
    found = op.get_bind().execute(
        sa.text(
            "SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t"
            " USING (table_schema, table_name) WHERE c.column_name = 'client_id'"
            " AND t.table_type = 'BASE TABLE' AND c.table_schema = current_schema() ORDER BY 1"
        )
    )
    return list(found.scalars())


def upgrade() -> None:
    ensure_role(op)
    for table in _tables():
        if table not in SEEN_WIDER:
            enable_client_rows(op, table, shared=table in SHARED)
    for table, (column, parent) in THROUGH.items():
        enable_rows_through(op, table, column, parent)
    own = f'client_id = {CLIENT}'
    enable_rows(op, 'client_access', see=f'{own} OR user_id = {PERSON}', write=own)
    # Who works for the client is named by its pages; whose account it is stays the home client's.
    enable_rows(
        op,
        'user_account',
        see=f'{own} OR id = {PERSON} OR EXISTS (SELECT FROM client_access a'
        f' WHERE a.user_id = user_account.id AND a.client_id = {CLIENT})',
        write=own,
    )
    enable_rows(
        op,
        'client',
        see=f'id = {CLIENT} OR EXISTS (SELECT FROM client_access a'
        f' WHERE a.client_id = client.id AND a.user_id = {PERSON} AND a.ended_at IS NULL)',
        write=f'id = {CLIENT}',
    )
    open_to_all(op, 'place', 'SELECT, INSERT')
    open_to_all(op, 'emergency_switch', 'SELECT, INSERT, UPDATE')


def downgrade() -> None:
    disable_rows(op, [*_tables(), *THROUGH, 'client', 'place', 'emergency_switch'])
