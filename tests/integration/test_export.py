import csv
import hashlib
import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.delivery.export import RESULT_COLUMNS, export_results
from campaigns.leads.enrol import enrol
from campaigns.leads.models import Attempt, Lead
from campaigns.models import Campaign, Trunk
from campaigns.states import LeadState
from campaigns.tenancy.models import Client
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.errors import NotFound
from dialer.ids import new_id
from tests.imports import import_list

FIRST = "Имя;Телефон;result\nАнна;89430000001;=1+1\nПётр;+7 943 000-00-02;-5\n".encode("cp1251")
SECOND = "Телефон;Город\n+79430000003;Самара, «центр»\n".encode()


class Setting:
    """A client with a campaign over two lists, and one connected call."""

    def __init__(self, session: AsyncSession, clock: FrozenClock) -> None:
        self.session = session
        self.clock = clock
        self.client_id = new_id()
        self.campaign_id = new_id()
        self.trunk_id = new_id()

    async def build(self) -> None:
        """Write client, campaign, trunk, lists and leads."""
        at = self.clock.now()
        self.session.add(Client(id=self.client_id, name="Acme", created_at=at))
        await self.session.flush()
        self.session.add_all(
            [
                Campaign(id=self.campaign_id, client_id=self.client_id, name="C", created_at=at),
                Trunk(id=self.trunk_id, name="T", endpoint="PJSIP/{number}@t"),
            ]
        )
        for data in (FIRST, SECOND):
            report = await import_list(
                self.session,
                client_id=self.client_id,
                name="list",
                file_name="list.csv",
                data=data,
                region="RU",
                clock=self.clock,
            )
            await enrol(
                self.session,
                self.campaign_id,
                report.list_id,
                client_id=self.client_id,
                clock=self.clock,
            )

    async def add_agent_session(self) -> UUID:
        """Sign an agent in."""
        agent = Agent(client_id=self.client_id, name="Ирина", endpoint="PJSIP/a")
        self.session.add(agent)
        await self.session.flush()
        shift = AgentSession(
            client_id=self.client_id,
            agent_id=agent.id,
            campaign_id=self.campaign_id,
            started_at=self.clock.now(),
        )
        self.session.add(shift)
        await self.session.flush()
        return shift.id

    async def first_lead(self) -> Lead:
        """Return the lead of the first row."""
        return (await self.session.exec(select(Lead).order_by(col(Lead.id)))).all()[0]

    async def add_attempt(self, lead: Lead, number: int, **facts: Any) -> None:
        """Write an attempt ``number`` hours from now; its instants are given in seconds after it."""
        at = self.clock.now() + timedelta(hours=number)
        times: dict[str, Any] = {
            name: at + timedelta(seconds=facts.pop(name))
            for name in ("answered_at", "connected_at", "ended_at")
            if name in facts
        }
        self.session.add(
            Attempt(
                client_id=self.client_id,
                campaign_id=self.campaign_id,
                lead_id=lead.id,
                contact_id=lead.contact_id,
                trunk_id=self.trunk_id,
                fence=1,
                number_in_lead=number,
                started_at=at,
                **times,
                **facts,
            )
        )
        await self.session.flush()


async def exported(setting: Setting, **options: Any) -> list[list[str]]:
    out = io.BytesIO()
    await export_results(
        setting.session, setting.campaign_id, client_id=setting.client_id, out=out, **options
    )
    text = out.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=options.get("separator", ",")))


async def test_every_lead_has_a_row_with_the_clients_columns_first(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        setting = Setting(session, clock)
        await setting.build()
        headings, *rows = await exported(setting)
    ours = [f"outdial_{name}" if name == "result" else name for name in RESULT_COLUMNS]
    assert headings == ["Имя", "Телефон", "result", "Город", *ours]
    untouched = ["", "0", "", "", "", "", "", "", ""]
    assert rows == [
        ["Анна", "89430000001", "'=1+1", "", *untouched],
        ["Пётр", "+7 943 000-00-02", "-5", "", *untouched],
        ["", "+79430000003", "", "Самара, «центр»", *untouched],
    ]


async def test_a_row_tells_of_the_last_attempt(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        setting = Setting(session, clock)
        await setting.build()
        lead = await setting.first_lead()
        connected = CallOutcome.CONNECTED
        await setting.add_attempt(
            lead,
            2,
            e164="+79430000001",
            answered_at=10,
            connected_at=11.5,
            ended_at=72,
            outcome=connected,
            agent_session_id=await setting.add_agent_session(),
            disposition="sale",
            recording="a.wav",
        )
        await setting.add_attempt(
            lead, 1, e164="+79740000001", ended_at=30, outcome=CallOutcome.NO_ANSWER
        )
        lead.state, lead.result, lead.next_attempt_at = LeadState.DONE, "sale", None
        lead.attempts_made, lead.last_outcome = 2, connected
        await session.flush()
        _, row, *others = await exported(setting)
    assert row[4:] == [
        "+79430000001",
        "2",
        "connected",
        "sale",
        "sale",
        "Ирина",
        f"{clock.now() + timedelta(hours=2, seconds=10):%Y-%m-%dT%H:%M:%SZ}",
        "60.5",
        "a.wav",
    ]
    assert len(others) == 2


async def test_a_path_gets_the_whole_file_and_its_digest(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    out = tmp_path / "results.csv"
    async with sessions() as session:
        setting = Setting(session, clock)
        await setting.build()
        summary = await export_results(
            session, setting.campaign_id, client_id=setting.client_id, out=out, separator=";"
        )
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert "Имя;Телефон" in data.decode()
    assert summary.rows == 3
    assert summary.sha256 == hashlib.sha256(data).hexdigest()
    assert os.listdir(tmp_path) == [out.name]


async def test_without_the_mark_the_file_begins_with_its_headings(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    async with sessions() as session:
        setting = Setting(session, clock)
        await setting.build()
        out = io.BytesIO()
        await export_results(
            session, setting.campaign_id, client_id=setting.client_id, out=out, bom=False
        )
    assert out.getvalue().startswith("Имя,".encode())


async def test_another_clients_campaign_is_not_found_and_leaves_no_file(
    sessions: SessionFactory, clock: FrozenClock, tmp_path: Path
) -> None:
    async with sessions() as session:
        setting = Setting(session, clock)
        await setting.build()
        for campaign_id in (setting.campaign_id, new_id()):
            with pytest.raises(NotFound):
                await export_results(
                    session, campaign_id, client_id=new_id(), out=tmp_path / "results.csv"
                )
    assert os.listdir(tmp_path) == []
