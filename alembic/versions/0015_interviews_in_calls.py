"""Interviews in calls: which calls, where in the recording, places in quotas on answers."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'

GUARDS = {'interview_call_client': 'interview_call', 'quota_seat_client': 'quota_seat'}


def upgrade() -> None:
    op.add_column('interview_answer', sa.Column('attempt_id', sa.Uuid(), nullable=True))
    op.add_column('interview_answer', sa.Column('place_s', sa.Float(), nullable=True))
    op.create_table('interview_call',
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('interview_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['interview_id'], ['interview.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('attempt_id')
    )
    op.create_index('ix_interview_call_interview_id', 'interview_call', ['interview_id'], unique=False)
    op.create_table('quota_seat',
    sa.Column('interview_id', sa.Uuid(), nullable=False),
    sa.Column('quota', sa.String(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['interview_id'], ['interview.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('interview_id', 'quota')
    )
    op.create_index('ix_quota_seat_campaign', 'quota_seat', ['campaign_id', 'quota'], unique=False)
    for name, table in GUARDS.items():
        op.execute(
            f'CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN'
            ' IF NOT EXISTS (SELECT FROM interview WHERE id = NEW.interview_id'
            " AND client_id = NEW.client_id) THEN RAISE EXCEPTION 'another client''s interview'"
            " USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f'CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table}'
            f' FOR EACH ROW EXECUTE FUNCTION {name}()'
        )


def downgrade() -> None:
    op.drop_table('quota_seat')
    op.drop_table('interview_call')
    for name in GUARDS:
        op.execute(f'DROP FUNCTION {name}()')
    op.drop_column('interview_answer', 'place_s')
    op.drop_column('interview_answer', 'attempt_id')
