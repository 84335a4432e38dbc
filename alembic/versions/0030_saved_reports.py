"""Saved reports: definitions with versions, schedules, runs and their files."""

from alembic import op

from dialer.row_policies import enable_client_rows

revision = '0030'
down_revision = '0029'

TABLES = (
    """
    CREATE TABLE saved_report (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        owner_id UUID,
        name VARCHAR NOT NULL,
        sharing VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        removed_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(owner_id) REFERENCES user_account (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_saved_report_name ON saved_report (client_id, owner_id, name) WHERE removed_at IS NULL",
    """
    CREATE TABLE saved_report_version (
        report_id UUID NOT NULL,
        number INTEGER NOT NULL,
        client_id UUID NOT NULL,
        definition JSONB NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_by UUID,
        PRIMARY KEY (report_id, number),
        FOREIGN KEY(report_id) REFERENCES saved_report (id),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(created_by) REFERENCES user_account (id)
    )
    """,
    "CREATE INDEX ix_saved_report_version_client_id ON saved_report_version (client_id)",
    """
    CREATE TABLE report_schedule (
        report_id UUID NOT NULL,
        client_id UUID NOT NULL,
        rhythm VARCHAR NOT NULL,
        at_minute INTEGER NOT NULL,
        weekday INTEGER NOT NULL,
        month_day INTEGER NOT NULL,
        zone VARCHAR NOT NULL,
        formats VARCHAR[] NOT NULL,
        recipients VARCHAR[] NOT NULL,
        carries VARCHAR NOT NULL,
        link_days INTEGER NOT NULL,
        wording JSONB NOT NULL,
        planned_from TIMESTAMP WITH TIME ZONE NOT NULL,
        paused_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (report_id),
        CONSTRAINT ck_report_schedule_minute CHECK (at_minute BETWEEN 0 AND 1439),
        CONSTRAINT ck_report_schedule_weekday CHECK (weekday BETWEEN 1 AND 7),
        CONSTRAINT ck_report_schedule_month_day CHECK (month_day BETWEEN 1 AND 31),
        CONSTRAINT ck_report_schedule_link_days CHECK (link_days BETWEEN 1 AND 90),
        CONSTRAINT ck_report_schedule_formats CHECK (cardinality(formats) > 0),
        FOREIGN KEY(report_id) REFERENCES saved_report (id),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    "CREATE INDEX ix_report_schedule_client_id ON report_schedule (client_id)",
    """
    CREATE TABLE report_run (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        report_id UUID NOT NULL,
        number INTEGER NOT NULL,
        period VARCHAR NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
        state VARCHAR NOT NULL,
        reason VARCHAR NOT NULL,
        reason_detail VARCHAR NOT NULL,
        begun INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        first_try_at TIMESTAMP WITH TIME ZONE,
        next_try_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_by UUID,
        first DATE,
        last DATE,
        rows INTEGER NOT NULL,
        made_at TIMESTAMP WITH TIME ZONE,
        sent_to VARCHAR[] NOT NULL,
        done_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        CONSTRAINT uq_report_run_period UNIQUE (report_id, period),
        CONSTRAINT ck_report_run_done CHECK ((state = 'done') <= (done_at IS NOT NULL)),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(report_id) REFERENCES saved_report (id),
        FOREIGN KEY(created_by) REFERENCES user_account (id)
    )
    """,
    "CREATE INDEX ix_report_run_client ON report_run (client_id, id)",
    "CREATE INDEX ix_report_run_open ON report_run (next_try_at) WHERE state IN ('waiting', 'sending')",
    """
    CREATE TABLE report_run_file (
        run_id UUID NOT NULL,
        format VARCHAR NOT NULL,
        client_id UUID NOT NULL,
        name VARCHAR NOT NULL,
        size INTEGER NOT NULL,
        sha256 VARCHAR NOT NULL,
        content BYTEA,
        PRIMARY KEY (run_id, format),
        FOREIGN KEY(run_id) REFERENCES report_run (id),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    "CREATE INDEX ix_report_run_file_client_id ON report_run_file (client_id)",
)

#: A row that names another client's row is refused by the database too.
GUARDS = {
    'saved_report_version': ('report_id', 'saved_report'),
    'report_schedule': ('report_id', 'saved_report'),
    'report_run': ('report_id', 'saved_report'),
    'report_run_file': ('run_id', 'report_run'),
}
_ALL = ('saved_report', *GUARDS)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table, (column, parent) in GUARDS.items():
        op.execute(
            f'CREATE FUNCTION {table}_client() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN'
            f' IF NOT EXISTS (SELECT FROM {parent} WHERE id = NEW.{column} AND client_id = NEW.client_id)'
            f" THEN RAISE EXCEPTION 'another client''s row' USING ERRCODE = 'foreign_key_violation';"
            ' END IF; RETURN NEW; END $$'
        )
        op.execute(
            f'CREATE TRIGGER {table}_client BEFORE INSERT OR UPDATE OF client_id ON {table}'
            f' FOR EACH ROW EXECUTE FUNCTION {table}_client()'
        )
    for table in _ALL:
        enable_client_rows(op, table)


def downgrade() -> None:
    for table in reversed(_ALL):
        op.execute(f'DROP TABLE {table}')
    for table in GUARDS:
        op.execute(f'DROP FUNCTION {table}_client()')
