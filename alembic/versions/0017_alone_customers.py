"""Since when a customer hears no agent: a next owner goes on counting."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'


def upgrade() -> None:
    op.add_column(
        'agent_session', sa.Column('alone_at', sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column('agent_session', 'alone_at')
