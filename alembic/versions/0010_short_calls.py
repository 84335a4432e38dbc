"""An index of short calls: they are counted over a day every few seconds."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'


def upgrade() -> None:
    op.create_index('ix_attempt_short', 'attempt', ['client_id', 'started_at'], unique=False, postgresql_where=sa.text("ended_at - answered_at <= interval '6 seconds'"))


def downgrade() -> None:
    op.drop_index('ix_attempt_short', table_name='attempt')
