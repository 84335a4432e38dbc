"""Verdicts that were drawn for a reviewer."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    op.add_column('amd_verdict', sa.Column('for_review', sa.Boolean(), nullable=False, server_default=sa.false()))
    # Until now all that were acted on waited for a reviewer: their judgements stay what they are.
    op.execute("UPDATE amd_verdict SET for_review = true WHERE verdict = 'machine' AND treatment = 'acted'")
    op.alter_column('amd_verdict', 'for_review', server_default=None)


def downgrade() -> None:
    op.execute("UPDATE amd_verdict SET judged = NULL, judged_by = NULL, judged_at = NULL WHERE judged = 'cannot_tell'")
    op.drop_column('amd_verdict', 'for_review')
