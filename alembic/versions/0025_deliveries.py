"""Deliveries: plans, deliveries, their files, tries and results, and what client and call centre say of them."""

from alembic import op

revision = '0025'
down_revision = '0024'

TABLES = (
    """
    CREATE TABLE delivery_plan (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        campaign_id UUID NOT NULL,
        name VARCHAR NOT NULL,
        layout VARCHAR NOT NULL,
        formats VARCHAR[] NOT NULL,
        schedule VARCHAR NOT NULL,
        at_minute INTEGER NOT NULL,
        zone VARCHAR NOT NULL,
        target_kind VARCHAR NOT NULL,
        target JSONB NOT NULL,
        sealed VARCHAR,
        link_days INTEGER NOT NULL,
        keep_days INTEGER NOT NULL,
        planned_from TIMESTAMP WITH TIME ZONE NOT NULL,
        paused_at TIMESTAMP WITH TIME ZONE,
        paused_reason VARCHAR NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_by UUID,
        removed_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        CONSTRAINT ck_delivery_plan_keep_days CHECK (keep_days BETWEEN 1 AND 3650),
        CONSTRAINT ck_delivery_plan_link_days CHECK (link_days BETWEEN 1 AND 90),
        CONSTRAINT ck_delivery_plan_formats CHECK (cardinality(formats) > 0),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(campaign_id) REFERENCES campaign (id),
        FOREIGN KEY(created_by) REFERENCES user_account (id)
    )
    """,
    "CREATE INDEX ix_delivery_plan_client_id ON delivery_plan (client_id)",
    "CREATE UNIQUE INDEX uq_delivery_plan_name"
    " ON delivery_plan (campaign_id, name) WHERE removed_at IS NULL",
    """
    CREATE TABLE delivery (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        campaign_id UUID NOT NULL,
        plan_id UUID NOT NULL,
        period VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        turn INTEGER,
        state VARCHAR NOT NULL,
        reason VARCHAR NOT NULL,
        reason_detail VARCHAR NOT NULL,
        begun INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        first_try_at TIMESTAMP WITH TIME ZONE,
        next_try_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_by UUID,
        made_at TIMESTAMP WITH TIME ZONE,
        delivered_at TIMESTAMP WITH TIME ZONE,
        manifest JSONB NOT NULL,
        manifest_sha256 VARCHAR NOT NULL,
        results INTEGER NOT NULL,
        added INTEGER NOT NULL,
        changed INTEGER NOT NULL,
        removed INTEGER NOT NULL,
        bytes_total BIGINT NOT NULL,
        bytes_sent BIGINT NOT NULL,
        accepted_at TIMESTAMP WITH TIME ZONE,
        accepted_by UUID,
        PRIMARY KEY (id),
        CONSTRAINT ck_delivery_delivered CHECK ((state = 'delivered') <= (delivered_at IS NOT NULL)),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(campaign_id) REFERENCES campaign (id),
        FOREIGN KEY(plan_id) REFERENCES delivery_plan (id),
        FOREIGN KEY(created_by) REFERENCES user_account (id),
        FOREIGN KEY(accepted_by) REFERENCES user_account (id)
    )
    """,
    "CREATE INDEX ix_delivery_campaign ON delivery (campaign_id, id)",
    "CREATE INDEX ix_delivery_client ON delivery (client_id, id)",
    "CREATE INDEX ix_delivery_open ON delivery (next_try_at) WHERE state IN ('waiting', 'sending')",
    "CREATE UNIQUE INDEX uq_delivery_period ON delivery (plan_id, period, number)",
    "CREATE UNIQUE INDEX uq_delivery_turn ON delivery (plan_id, turn)",
    """
    CREATE TABLE delivery_file (
        delivery_id UUID NOT NULL,
        position INTEGER NOT NULL,
        client_id UUID NOT NULL,
        name VARCHAR NOT NULL,
        format VARCHAR NOT NULL,
        rows INTEGER NOT NULL,
        size BIGINT NOT NULL,
        sha256 VARCHAR NOT NULL,
        sent_at TIMESTAMP WITH TIME ZONE,
        removed_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (delivery_id, position),
        FOREIGN KEY(delivery_id) REFERENCES delivery (id),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    """
    CREATE TABLE delivery_try (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        delivery_id UUID NOT NULL,
        began_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
        reason VARCHAR NOT NULL,
        detail VARCHAR NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(delivery_id) REFERENCES delivery (id)
    )
    """,
    "CREATE INDEX ix_delivery_try ON delivery_try (delivery_id, id)",
    """
    CREATE TABLE delivered_result (
        delivery_id UUID NOT NULL,
        lead_id UUID NOT NULL,
        client_id UUID NOT NULL,
        plan_id UUID NOT NULL,
        turn INTEGER NOT NULL,
        change VARCHAR NOT NULL,
        digest VARCHAR NOT NULL,
        result VARCHAR,
        result_before VARCHAR,
        PRIMARY KEY (delivery_id, lead_id),
        FOREIGN KEY(delivery_id) REFERENCES delivery (id),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(plan_id) REFERENCES delivery_plan (id)
    )
    """,
    "CREATE INDEX ix_delivered_result_latest ON delivered_result (plan_id, lead_id, turn)",
    "CREATE INDEX ix_delivered_result_lead ON delivered_result (lead_id)",
    """
    CREATE TABLE result_verdict (
        delivery_id UUID NOT NULL,
        lead_id UUID NOT NULL,
        client_id UUID NOT NULL,
        verdict VARCHAR NOT NULL,
        reason VARCHAR,
        comment VARCHAR NOT NULL,
        said_at TIMESTAMP WITH TIME ZONE NOT NULL,
        said_by UUID,
        answer VARCHAR NOT NULL,
        answered_at TIMESTAMP WITH TIME ZONE,
        answered_by UUID,
        PRIMARY KEY (delivery_id, lead_id),
        CONSTRAINT ck_result_verdict_reason CHECK (verdict = 'accepted' OR reason IS NOT NULL),
        FOREIGN KEY(delivery_id) REFERENCES delivery (id),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(said_by) REFERENCES user_account (id),
        FOREIGN KEY(answered_by) REFERENCES user_account (id)
    )
    """,
    "CREATE INDEX ix_result_verdict_lead ON result_verdict (lead_id)",
)

#: A row that names another client's row is refused by the database too.
GUARDS = {
    'delivery_plan': 'SELECT FROM campaign WHERE id = NEW.campaign_id AND client_id = NEW.client_id',
    'delivery': (
        'SELECT FROM delivery_plan WHERE id = NEW.plan_id AND client_id = NEW.client_id'
        ' AND campaign_id = NEW.campaign_id'
    ),
    'delivery_file': 'SELECT FROM delivery WHERE id = NEW.delivery_id AND client_id = NEW.client_id',
    'delivery_try': 'SELECT FROM delivery WHERE id = NEW.delivery_id AND client_id = NEW.client_id',
    'result_verdict': 'SELECT FROM delivery WHERE id = NEW.delivery_id AND client_id = NEW.client_id',
}


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table, owned in GUARDS.items():
        op.execute(
            f"CREATE FUNCTION {table}_client() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NOT EXISTS ({owned}) THEN RAISE EXCEPTION 'another client''s row'"
            " USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f'CREATE TRIGGER {table}_client BEFORE INSERT OR UPDATE OF client_id ON {table}'
            f' FOR EACH ROW EXECUTE FUNCTION {table}_client()'
        )


def downgrade() -> None:
    for table in (
        'result_verdict', 'delivered_result', 'delivery_try', 'delivery_file', 'delivery', 'delivery_plan',
    ):
        op.execute(f'DROP TABLE {table}')
    for table in GUARDS:
        op.execute(f'DROP FUNCTION {table}_client()')
