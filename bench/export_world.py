"""A finished campaign of any size for the export bench: list, calls, interviews with thirty answers each."""
# ruff: noqa: S608 - statements are put together from constants only

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.forms import publishing
from campaigns.forms.form import Form
from campaigns.forms.models import FormVersion
from campaigns.lists.models import ContactList
from campaigns.models import Campaign, CampaignList, Disposition, Trunk
from campaigns.tenancy.models import Client
from dialer.clock import SystemClock
from dialer.db import make_sessions, transaction

CHUNK = 100_000
#: Thirty questions, as a survey of satisfaction has them.
KINDS = ("single",) * 14 + ("nps",) * 4 + ("number",) * 4 + ("multiple",) * 4 + ("text",) * 4
_OPTIONS = [{"code": f"option_{at}", "text": f"Option {at}"} for at in range(1, 6)]
#: The client's own columns, and what stands in them.
OWN = {
    "Имя": "'Мария Ивановна ' || g",
    "Телефон": "'+7943' || lpad(g::text, 7, '0')",
    "Город": "'Самара'",
    "Адрес": "'ул. Победы, д. ' || g % 200 || ', кв. ' || g % 90",
    "E-mail": "'person' || g || '@example.org'",
    "Договор": "(100000 + g)::text",
    "Сегмент": "CASE WHEN g % 2 = 0 THEN 'частный' ELSE 'фирма' END",
    "Комментарий": "CASE WHEN g % 200 = 0 THEN '=cmd' ELSE '' END",
}
_ANSWERS = {
    "single": "'option_' || 1 + (g + {at}) % 5",
    "nps": "((g * {at}::bigint) % 11)::text",
    "number": "round((g % 100000) / 7.0, 2)::text",
    "multiple": "CASE g % 3 WHEN 0 THEN '[\"option_1\"]'::jsonb"
    ' WHEN 1 THEN \'["option_2", "option_4"]\'::jsonb ELSE \'["option_1", "option_3"]\'::jsonb END',
    "text": "CASE WHEN g % 7 = 0 THEN 'Ответ, с запятой и \"кавычками\" №' || g"
    " ELSE 'Обычный ответ номер ' || g END",
}


def form() -> Form:
    """Return the questionnaire."""
    questions: list[dict[str, Any]] = []
    for at, kind in enumerate(KINDS, start=1):
        one: dict[str, Any] = {"code": f"q{at}", "type": kind, "text": f"Question {at}"}
        if kind in ("single", "multiple"):
            one["options"] = _OPTIONS
        if kind == "number":
            one["places"] = 2
        questions.append(one | {"refused": at % 3 == 0})
    return Form.model_validate(
        {"code": "bench", "sections": [{"code": "main", "questions": questions}]}
    )


def _id(kind: str) -> str:
    return f"('{kind}0000000-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid"


def _pairs(values: dict[str, str]) -> str:
    """Return JSON of more pairs than a function takes arguments."""
    names = list(values)
    parts = [
        f"jsonb_build_object({', '.join(f'{_quoted(name)}, {values[name]}' for name in names[at : at + 20])})"
        for at in range(0, len(names), 20)
    ]
    return " || ".join(parts)


def _quoted(name: str) -> str:
    return f"'{name}'"


def _statements() -> list[str]:
    answers = {f"q{at}": _ANSWERS[kind].format(at=at) for at, kind in enumerate(KINDS, start=1)}
    rows = "FROM generate_series(CAST(:first AS int), CAST(:last AS int)) g"
    return [
        f"""INSERT INTO contact (id, client_id, list_id, source_row, name, fields, priority, created_at)
            SELECT {_id("c")}, :client, :list, g, '', {_pairs(OWN)}, 0, now() {rows}""",
        f"""INSERT INTO lead (id, client_id, campaign_id, contact_id, lane, place_id, sort_key, state, result,
                waiting_reason, phone_position, attempts_made, e164, last_outcome)
            SELECT {_id("1")}, :client, :campaign, {_id("c")}, 2, :place, g, 'done', 'sale', 'new', 0, 1,
                   '+7943' || lpad(g::text, 7, '0'), 'connected' {rows}""",
        f"""INSERT INTO attempt (id, client_id, campaign_id, lead_id, contact_id, e164, trunk_id, fence,
                number_in_lead, decision, subject, reserved_agent, started_at, answered_at, connected_at,
                ended_at, outcome, agent_session_id, disposition, recording)
            SELECT {_id("a")}, :client, :campaign, {_id("1")}, {_id("c")},
                   '+7943' || lpad(g::text, 7, '0'), :trunk, 0, 1, '{{}}', '', false, t, t + interval '5 s',
                   t + interval '6 s', t + interval '90 s', 'connected', :shift, 'sale', g || '.opus'
            FROM (SELECT g, now() - g * interval '1 s' AS t {rows}) made""",
        f"""INSERT INTO interview (id, client_id, form_id, form_version_id, contact_id, attempt_id, language,
                fields, began_on, started_at, ended_at, ending)
            SELECT {_id("e")}, :client, :form, :version, {_id("c")}, {_id("a")}, 'en', '{{}}', current_date,
                   now(), now(), 'complete' {rows}""",
        f"""INSERT INTO interview_call (attempt_id, interview_id, client_id, began_at)
            SELECT {_id("a")}, {_id("e")}, :client, now() {rows}""",
        f"""INSERT INTO interview_result (interview_id, client_id, version, answers, stale)
            SELECT {_id("e")}, :client, 1, {_pairs(answers)}, false {rows}""",
    ]


@dataclass(frozen=True, slots=True)
class Made:
    """What was made."""

    campaign_id: UUID
    client_id: UUID


async def make_world(engine: AsyncEngine, rows: int) -> Made:
    """Write a campaign of so many leads, each with one call and one complete interview."""
    sessions = make_sessions(engine)
    async with transaction(sessions) as session:
        made, facts = await _heads(session)
    # A million checks of what is known to be right take longer than the rest.
    await _guards(engine, "DISABLE")
    for first in range(1, rows + 1, CHUNK):
        span = {"first": first, "last": min(rows, first + CHUNK - 1)}
        async with transaction(sessions, durable=False) as session:
            for statement in _statements():
                wanted = {name: one for name, one in facts.items() if f":{name}" in statement}
                await session.execute(text(statement.replace("::", "\\:\\:")), wanted | span)
    await _guards(engine, "ENABLE")
    async with engine.connect() as connection:
        free = await connection.execution_options(isolation_level="AUTOCOMMIT")
        raw: Any = (await free.get_raw_connection()).driver_connection
        await raw.execute("VACUUM (ANALYZE)", timeout=900)
    return made


async def _guards(engine: AsyncEngine, do: str) -> None:
    async with engine.begin() as connection:
        for table in ("contact", "lead", "interview"):
            await connection.execute(text(f"ALTER TABLE {table} {do} TRIGGER USER"))


async def _heads(session: AsyncSession) -> tuple[Made, dict[str, Any]]:
    now = SystemClock().now()
    client = Client(name="Bench", created_at=now)
    trunk = Trunk(name="bench", endpoint="PJSIP/{number}@bench")
    session.add_all([client, trunk])
    await session.flush()
    owner: dict[str, Any] = {"client_id": client.id}
    settings = {"form": "bench"}
    campaign = Campaign(name="Export", created_at=now, settings=settings, **owner)
    agent = Agent(name="Ирина", endpoint="PJSIP/a", **owner)
    contacts = ContactList(
        name="Список", file_name="l.csv", file_sha256="0" * 64, region="RU", columns=list(OWN),
        imported_at=now, **owner,
    )  # fmt: skip
    session.add_all([campaign, agent, contacts])
    await session.flush()
    shift = AgentSession(agent_id=agent.id, campaign_id=campaign.id, started_at=now, **owner)
    session.add(shift)
    session.add(CampaignList(campaign_id=campaign.id, list_id=contacts.id))
    session.add(Disposition(campaign_id=campaign.id, code="sale", label="Продажа", **owner))
    place = await session.execute(
        text(
            "INSERT INTO place (zones, jurisdictions, source, confidence) VALUES"
            " ('{Europe/Samara}', '{RU}', 'number', 'narrow') RETURNING id"
        )
    )
    said: dict[str, Any] = {**owner, "user_id": None, "clock": SystemClock()}
    await publishing.save_draft(session, form(), **said)
    await publishing.publish(session, "bench", **said)
    version = (
        await session.exec(select(FormVersion).where(col(FormVersion.client_id) == client.id))
    ).one()
    facts = {
        "client": client.id, "campaign": campaign.id, "list": contacts.id, "trunk": trunk.id,
        "shift": shift.id, "place": place.scalar_one(), "form": version.form_id,
        "version": version.id,
    }  # fmt: skip
    return Made(campaign.id, client.id), facts
