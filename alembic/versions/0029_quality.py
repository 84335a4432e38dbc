"""Quality: scorecards, reviews, disputes, notes, calibrations, samples."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from dialer.row_policies import enable_client_rows

revision = '0029'
down_revision = '0028'

#: In the order in which they are made.
TABLES = (
    'scorecard', 'scorecard_version', 'calibration', 'quality_review', 'quality_dispute',
    'quality_note', 'sampling_plan', 'sampled_week', 'sampled_call',
)  # fmt: skip
GUARDS = {
    'scorecard_version_published': (
        'scorecard_version', 'UPDATE OR DELETE',
        "IF OLD.published_at IS NOT NULL THEN"
        " RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'restrict_violation';"
        " END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
    ),
    # A score means what its version asks, and stays with who took the call.
    'quality_review_version': (
        'quality_review', 'INSERT OR UPDATE',
        "IF NOT EXISTS (SELECT FROM scorecard_version WHERE id = NEW.version_id"
        " AND client_id = NEW.client_id AND published_at IS NOT NULL) THEN"
        " RAISE EXCEPTION 'another client''s scorecard, or one that is not published'"
        " USING ERRCODE = 'foreign_key_violation'; END IF;"
        " IF TG_OP = 'UPDATE' AND (NEW.version_id, NEW.attempt_id, NEW.agent_id, NEW.reviewer_id)"
        " IS DISTINCT FROM (OLD.version_id, OLD.attempt_id, OLD.agent_id, OLD.reviewer_id) THEN"
        " RAISE EXCEPTION 'a review keeps its call and its version'"
        " USING ERRCODE = 'restrict_violation'; END IF;"
        " RETURN NEW;",
    ),
}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        'scorecard',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('client_id', 'name'),
    )
    op.create_table(
        'scorecard_version',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('scorecard_id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('content', postgresql.JSONB(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('published_by', sa.Uuid(), nullable=True),
        sa.CheckConstraint('number >= 1', name='ck_scorecard_version_number'),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['created_by'], ['user_account.id']),
        sa.ForeignKeyConstraint(['published_by'], ['user_account.id']),
        sa.ForeignKeyConstraint(['scorecard_id'], ['scorecard.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('scorecard_id', 'number'),
    )
    op.create_index(
        'uq_scorecard_version_draft', 'scorecard_version', ['scorecard_id'], unique=True, postgresql_where=sa.text('published_at IS NULL'),
    )
    op.create_table(
        'calibration',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('attempt_id', sa.Uuid(), nullable=False),
        sa.Column('version_id', sa.Uuid(), nullable=False),
        sa.Column('first_id', sa.Uuid(), nullable=False),
        sa.Column('second_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.CheckConstraint('first_id <> second_id', name='ck_calibration_two'),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id']),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['created_by'], ['user_account.id']),
        sa.ForeignKeyConstraint(['first_id'], ['user_account.id']),
        sa.ForeignKeyConstraint(['second_id'], ['user_account.id']),
        sa.ForeignKeyConstraint(['version_id'], ['scorecard_version.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_calibration_client_id', 'calibration', ['client_id'])
    op.create_table(
        'quality_review',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('attempt_id', sa.Uuid(), nullable=False),
        sa.Column('agent_id', sa.Uuid(), nullable=False),
        sa.Column('version_id', sa.Uuid(), nullable=False),
        sa.Column('calibration_id', sa.Uuid(), nullable=True),
        sa.Column('reviewer_id', sa.Uuid(), nullable=False),
        sa.Column('talked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('answers', postgresql.JSONB(), nullable=False),
        sa.Column('words', sa.String(), nullable=False),
        sa.Column('percent', sa.Numeric(precision=4, scale=1), nullable=False),
        sa.Column('failed', sa.ARRAY(sa.String()), server_default='{}', nullable=False),
        sa.Column('passed', sa.Boolean(), nullable=False),
        sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('percent BETWEEN 0 AND 100', name='ck_quality_review_percent'),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id']),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id']),
        sa.ForeignKeyConstraint(['calibration_id'], ['calibration.id']),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['reviewer_id'], ['user_account.id']),
        sa.ForeignKeyConstraint(['version_id'], ['scorecard_version.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('calibration_id', 'reviewer_id'),
    )
    op.create_index('ix_quality_review_agent', 'quality_review', ['client_id', 'agent_id', 'talked_at'])
    op.create_index(
        'uq_quality_review_call', 'quality_review', ['attempt_id'], unique=True, postgresql_where=sa.text('calibration_id IS NULL'),
    )
    op.create_table(
        'quality_dispute',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('review_id', sa.Uuid(), nullable=False),
        sa.Column('item', sa.String(), nullable=False),
        sa.Column('words', sa.String(), nullable=False),
        sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('opened_by', sa.Uuid(), nullable=False),
        sa.Column('points_before', sa.Integer(), nullable=True),
        sa.Column('percent_before', sa.Numeric(precision=4, scale=1), nullable=False),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('decided_by', sa.Uuid(), nullable=True),
        sa.Column('decision', sa.String(), nullable=True),
        sa.Column('decision_words', sa.String(), nullable=False),
        sa.Column('points_after', sa.Integer(), nullable=True),
        sa.Column('percent_after', sa.Numeric(precision=4, scale=1), nullable=True),
        sa.CheckConstraint(
            '(decided_at IS NULL) = (decision IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)',
            name='ck_quality_dispute_decided',
        ),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['decided_by'], ['user_account.id']),
        sa.ForeignKeyConstraint(['opened_by'], ['user_account.id']),
        sa.ForeignKeyConstraint(['review_id'], ['quality_review.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('review_id', 'item'),
    )
    op.create_index(
        'ix_quality_dispute_open', 'quality_dispute', ['client_id'], postgresql_where=sa.text('decided_at IS NULL'),
    )
    op.create_index('ix_quality_dispute_review_id', 'quality_dispute', ['review_id'])
    op.create_table(
        'quality_note',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('attempt_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('at_s', sa.Float(), nullable=False),
        sa.Column('words', sa.String(), nullable=False),
        sa.Column('author_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('agent_id', sa.Uuid(), nullable=True),
        sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'coaching') = (agent_id IS NOT NULL)", name='ck_quality_note_for_whom',
        ),
        sa.CheckConstraint('at_s >= 0', name='ck_quality_note_at'),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id']),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id']),
        sa.ForeignKeyConstraint(['author_id'], ['user_account.id']),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(
        'ix_quality_note_agent', 'quality_note', ['agent_id'], postgresql_where=sa.text('agent_id IS NOT NULL'),
    )
    op.create_index('ix_quality_note_attempt', 'quality_note', ['attempt_id', 'at_s'])
    op.create_table(
        'sampling_plan',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('scorecard_id', sa.Uuid(), nullable=False),
        sa.Column('campaign_id', sa.Uuid(), nullable=True),
        sa.Column('per_agent', sa.Integer(), nullable=False),
        sa.Column('least_s', sa.Integer(), nullable=False),
        sa.Column('mix', sa.String(), nullable=False),
        sa.Column('reviewers', sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column('seed', sa.String(), nullable=False),
        sa.Column('first_week', sa.Date(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('cardinality(reviewers) >= 1', name='ck_sampling_plan_reviewers'),
        sa.CheckConstraint('least_s >= 0', name='ck_sampling_plan_least'),
        sa.CheckConstraint('per_agent BETWEEN 1 AND 50', name='ck_sampling_plan_per_agent'),
        sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id']),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['created_by'], ['user_account.id']),
        sa.ForeignKeyConstraint(['scorecard_id'], ['scorecard.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_sampling_plan_client_id', 'sampling_plan', ['client_id'])
    op.create_table(
        'sampled_week',
        sa.Column('plan_id', sa.Uuid(), nullable=False),
        sa.Column('week', sa.Date(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('shares', postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['plan_id'], ['sampling_plan.id']),
        sa.PrimaryKeyConstraint('plan_id', 'week'),
    )
    op.create_index('ix_sampled_week_client_id', 'sampled_week', ['client_id'])
    op.create_table(
        'sampled_call',
        sa.Column('plan_id', sa.Uuid(), nullable=False),
        sa.Column('attempt_id', sa.Uuid(), nullable=False),
        sa.Column('week', sa.Date(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('agent_id', sa.Uuid(), nullable=False),
        sa.Column('reviewer_id', sa.Uuid(), nullable=False),
        sa.Column('ticket', sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id']),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id']),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(
            ['plan_id', 'week'], ['sampled_week.plan_id', 'sampled_week.week'], name='fk_sampled_call_week',
        ),
        sa.ForeignKeyConstraint(['reviewer_id'], ['user_account.id']),
        sa.PrimaryKeyConstraint('plan_id', 'attempt_id'),
    )
    op.create_index('ix_sampled_call_attempt_id', 'sampled_call', ['attempt_id'])
    op.create_index('ix_sampled_call_reviewer', 'sampled_call', ['client_id', 'reviewer_id', 'week'])
    for name, (table, event, body) in GUARDS.items():
        op.execute(
            f'CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$'
        )
        op.execute(
            f'CREATE TRIGGER {name} BEFORE {event} ON {table}'
            f' FOR EACH ROW EXECUTE FUNCTION {name}()'
        )
    for table in TABLES:
        enable_client_rows(op, table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for name in GUARDS:
        op.execute(f'DROP FUNCTION {name}()')
