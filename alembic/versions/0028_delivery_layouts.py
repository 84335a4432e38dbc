"""Deliveries have layouts, and say why their files are gone."""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'


def upgrade() -> None:
    op.drop_column('delivery_plan', 'layout')
    op.add_column('delivery_plan', sa.Column('layout_number', sa.Integer(), nullable=True))
    op.create_check_constraint('ck_delivery_plan_layout', 'delivery_plan', 'layout_number >= 1')
    op.add_column('delivery', sa.Column('layout_number', sa.Integer(), nullable=True))
    op.add_column('delivery', sa.Column('files_gone', sa.String(), nullable=False, server_default=''))
    op.alter_column('delivery', 'files_gone', server_default=None)
    op.execute(
        "UPDATE delivery d SET files_gone = 'old' WHERE EXISTS"
        ' (SELECT FROM delivery_file f WHERE f.delivery_id = d.id AND f.removed_at IS NOT NULL)'
    )


def downgrade() -> None:
    op.drop_column('delivery', 'files_gone')
    op.drop_column('delivery', 'layout_number')
    op.drop_constraint('ck_delivery_plan_layout', 'delivery_plan')
    op.drop_column('delivery_plan', 'layout_number')
    op.add_column(
        'delivery_plan', sa.Column('layout', sa.String(), nullable=False, server_default='results')
    )
    op.alter_column('delivery_plan', 'layout', server_default=None)
