"""The client's portal: settings, requests, uploads that wait for the call centre, samples of results."""

from alembic import op

from dialer.row_policies import disable_rows, enable_client_rows

revision = '0033'
down_revision = '0032'

TABLES = (
    """
    CREATE TABLE portal_settings (
        client_id UUID NOT NULL,
        uploads_at_once BOOLEAN NOT NULL,
        hears BOOLEAN NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (client_id),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    """
    CREATE TABLE client_request (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        kind VARCHAR NOT NULL,
        e164 VARCHAR NOT NULL,
        external_key VARCHAR,
        note VARCHAR NOT NULL,
        asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        asked_by UUID,
        due_at TIMESTAMP WITH TIME ZONE NOT NULL,
        law VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        closed_at TIMESTAMP WITH TIME ZONE,
        closed_by UUID,
        answer VARCHAR NOT NULL,
        receipt JSONB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT ck_client_request_closed CHECK ((state = 'open') = (closed_at IS NULL)),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(asked_by) REFERENCES user_account (id),
        FOREIGN KEY(closed_by) REFERENCES user_account (id)
    )
    """,
    'CREATE INDEX ix_client_request ON client_request (client_id, id)',
    "CREATE INDEX ix_client_request_open ON client_request (due_at) WHERE state = 'open'",
    """
    CREATE TABLE client_upload (
        import_id UUID NOT NULL,
        client_id UUID NOT NULL,
        handed_at TIMESTAMP WITH TIME ZONE,
        handed_by UUID,
        answer VARCHAR NOT NULL,
        answered_at TIMESTAMP WITH TIME ZONE,
        answered_by UUID,
        PRIMARY KEY (import_id),
        FOREIGN KEY(import_id) REFERENCES list_import (id) ON DELETE CASCADE,
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(handed_by) REFERENCES user_account (id),
        FOREIGN KEY(answered_by) REFERENCES user_account (id)
    )
    """,
    'CREATE INDEX ix_client_upload_client_id ON client_upload (client_id)',
    """
    CREATE TABLE acceptance_sample (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        campaign_id UUID NOT NULL,
        delivery_id UUID,
        seed VARCHAR NOT NULL,
        percent INTEGER NOT NULL,
        population INTEGER NOT NULL,
        size INTEGER NOT NULL,
        drawn_at TIMESTAMP WITH TIME ZONE NOT NULL,
        drawn_by UUID,
        finished_at TIMESTAMP WITH TIME ZONE,
        finished_by UUID,
        PRIMARY KEY (id),
        CONSTRAINT ck_acceptance_sample_size CHECK (size BETWEEN 1 AND population),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(campaign_id) REFERENCES campaign (id),
        FOREIGN KEY(delivery_id) REFERENCES delivery (id),
        FOREIGN KEY(drawn_by) REFERENCES user_account (id),
        FOREIGN KEY(finished_by) REFERENCES user_account (id)
    )
    """,
    'CREATE INDEX ix_acceptance_sample ON acceptance_sample (client_id, id)',
    """
    CREATE TABLE sampled_result (
        sample_id UUID NOT NULL,
        lead_id UUID NOT NULL,
        client_id UUID NOT NULL,
        place INTEGER NOT NULL,
        result VARCHAR NOT NULL,
        verdict VARCHAR,
        reason VARCHAR,
        comment VARCHAR NOT NULL,
        said_at TIMESTAMP WITH TIME ZONE,
        said_by UUID,
        answer VARCHAR NOT NULL,
        answered_at TIMESTAMP WITH TIME ZONE,
        answered_by UUID,
        PRIMARY KEY (sample_id, lead_id),
        FOREIGN KEY(sample_id) REFERENCES acceptance_sample (id),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(said_by) REFERENCES user_account (id),
        FOREIGN KEY(answered_by) REFERENCES user_account (id)
    )
    """,
    'CREATE INDEX ix_sampled_result_lead ON sampled_result (lead_id)',
)
NAMES = (
    'portal_settings',
    'client_request',
    'client_upload',
    'acceptance_sample',
    'sampled_result',
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for name in NAMES:
        enable_client_rows(op, name)


def downgrade() -> None:
    disable_rows(op, NAMES)
    for name in reversed(NAMES):
        op.execute(f'DROP TABLE {name}')
