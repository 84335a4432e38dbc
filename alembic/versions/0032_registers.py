"""Registers: days off, shared sets, steps that can be undone, keeping times; rows are put away, not deleted."""

import sqlalchemy as sa
from alembic import op

from dialer.row_policies import disable_rows, enable_client_rows

revision = '0032'
down_revision = '0031'

TABLES = (
    """
    CREATE TABLE undo_step (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        user_id UUID,
        register_code VARCHAR NOT NULL,
        action VARCHAR NOT NULL,
        rows JSONB NOT NULL,
        made_at TIMESTAMP WITH TIME ZONE NOT NULL,
        undone_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(user_id) REFERENCES user_account (id)
    )
    """,
    "CREATE INDEX ix_undo_step_client ON undo_step (client_id, made_at)",
    """
    CREATE TABLE day_off (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        on_date DATE NOT NULL,
        every_year BOOLEAN NOT NULL,
        region VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        archived_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        UNIQUE (client_id, on_date, region),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    """
    CREATE TABLE shared_set (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        kind VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        content JSONB NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        archived_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        UNIQUE (client_id, kind, name),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    """
    CREATE TABLE keeping_time (
        client_id UUID NOT NULL,
        what VARCHAR NOT NULL,
        keep_days INTEGER NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (client_id, what),
        CONSTRAINT ck_keeping_time_days CHECK (keep_days BETWEEN 1 AND 3660),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
)
NAMES = ('undo_step', 'day_off', 'shared_set', 'keeping_time')
#: Instants that existing tables get: since when a row is put away, rests, or is known to be good.
INSTANTS = (
    ('trunk', 'rests_until'),
    ('trunk', 'archived_at'),
    ('caller_id', 'rests_until'),
    ('caller_id', 'verified_at'),
    ('contact_list', 'archived_at'),
    ('form', 'archived_at'),
    ('script', 'archived_at'),
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for name in NAMES:
        enable_client_rows(op, name)
    for table, column in INSTANTS:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        'caller_id', sa.Column('rest_reason', sa.String(), nullable=False, server_default='')
    )


def downgrade() -> None:
    op.drop_column('caller_id', 'rest_reason')
    for table, column in reversed(INSTANTS):
        op.drop_column(table, column)
    disable_rows(op, NAMES)
    for name in reversed(NAMES):
        op.drop_table(name)
