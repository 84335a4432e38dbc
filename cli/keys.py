"""``outdial keys``: the keys that seal stored secrets and recordings."""

import asyncio

import typer

from campaigns.accounts import factor_keys
from campaigns.delivery.deliveries import target_keys
from campaigns.recordings.keys import reseal_page
from campaigns.webhooks import signing_secrets as webhook_secrets
from cli.imports import AsJson
from cli.installation import opened
from cli.output import report
from cli.users import Client
from dialer.db import transaction
from dialer.sealing import ring_from

app = typer.Typer(help="Keys of stored secrets and recordings.", no_args_is_help=True)

#: Rows of one transaction: calls that end meanwhile do not wait.
_PAGE = 500


@app.command()
def rotate(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Bring all that is sealed under the first key of OUTDIAL_SECRET_KEYS; then drop the old.

    That is authenticators, secrets of delivery targets and webhooks, and recordings. Files are not
    touched: each has a key of its own, and only that is sealed anew. Safe to repeat.
    """
    asyncio.run(_rotate(client, as_json=as_json))


async def _rotate(client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        ring = ring_from(work.settings.keys())
        async with transaction(work.sessions) as session:
            factors = await factor_keys.reseal_all(session, ring)
            targets = await target_keys.reseal_all(session, ring)
            webhooks = await webhook_secrets.reseal_all(session, ring)
        recordings, after, going = 0, None, True
        while going:
            async with transaction(work.sessions) as session:
                changed, after = await reseal_page(session, ring, after=after, most=_PAGE)
            recordings, going = recordings + changed, after is not None
    facts = {
        "key": ring.current.name,
        "authenticators": factors,
        "delivery_targets": targets,
        "webhooks": webhooks,
        "recordings": recordings,
    }
    report(facts, as_json=as_json, title="Keys")
