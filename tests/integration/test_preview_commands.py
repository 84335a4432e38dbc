"""Preview on the command line: what an agent is shown, and the decision."""

import json
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import select

from campaigns.leads.preview_models import Preview
from dialer.clock import SystemClock
from dialer.db import SessionFactory, transaction
from tests.commands import Outdial
from tests.factories import make_campaign, numbers
from tests.promises import name_of

NOW = SystemClock().now()


@pytest.fixture
def agent(outdial: Outdial) -> Outdial:
    """Run ``outdial agent``."""
    return partial(outdial, "agent")


async def test_what_is_shown_is_told_and_decided_by_name(
    agent: Outdial, sessions: SessionFactory
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(
            session, NOW, leads=numbers(1), agents=1, settings={"mode": "preview"}
        )
        name = await name_of(session, made.session_ids[0])
        client = await session.execute(text("SELECT name FROM client"))
        whose = ("--client", client.scalar_one(), "--json")
    status, said = agent("preview", name, *whose)
    assert (status, json.loads(said)) == (0, {"shown": None, "last": None})
    status, said = agent("skip", name, *whose)
    assert (status, said.startswith("nothing_shown:")) == (2, True)
    shown = Preview(
        client_id=made.client_id,
        campaign_id=made.id,
        session_id=made.session_ids[0],
        lead_id=made.lead_ids[0],
        shown_at=NOW,
    )
    async with transaction(sessions) as session:
        session.add(shown)
    told = json.loads(agent("preview", name, *whose)[1])
    assert (told["shown"], told["name"]) == (str(shown.id), "Person 1")
    assert told["numbers"] == [f"0: {numbers(1)[0]} may be dialled"]
    assert agent("dial", name, *whose)[0] == 0
    status, said = agent("skip", name, *whose)
    assert (status, said.startswith("already_decided:")) == (2, True)
    async with sessions() as session:
        kept = (await session.exec(select(Preview))).one()
    assert (kept.wish, kept.wished_by) == ("dial", None)
