"""Every route of the API and every page, called by one client's people with another client's ids.

Routes that come later are attacked by themselves; one with a parameter that is not known here fails the test
until somebody says what it names.
"""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi import params
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from httpx import AsyncClient, Response
from pydantic import TypeAdapter
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.tables import metadata
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.integration.api_world import World, api_world
from tests.row_filler import checksum, code_of, drop_rules, enforce_again, fill, id_of, secret_of

#: What a parameter names: the table whose row is the other client's.
TABLES = {
    "agent_id": "agent",
    "alarm_id": "wall_alarm",
    "article_id": "article",
    "attempt_id": "attempt",
    "calibration_id": "calibration",
    "call_id": "attempt",
    "caller_id": "caller_id",
    "callback_id": "callback",
    "campaign_id": "campaign",
    "change_id": "law_change",
    "client_id": "client",
    "consent_id": "consent_record",
    "contact_id": "contact",
    "day_id": "day_off",
    "delivery_id": "delivery",
    "dispute_id": "quality_dispute",
    "endpoint_id": "webhook_endpoint",
    "exemption_id": "rule_exemption",
    "export_id": "export",
    "import_id": "list_import",
    "interview_id": "interview",
    "lead_id": "lead",
    "list_id": "contact_list",
    "message_id": "agent_message",
    "note_id": "quality_note",
    "plan_id": "delivery_plan",
    "preview_id": "preview",
    "report_id": "saved_report",
    "request_id": "client_request",
    "review_id": "quality_review",
    "run_id": "report_run",
    "sample_id": "acceptance_sample",
    "sampling_id": "sampling_plan",
    "scorecard_id": "scorecard",
    "screen_id": "wall_screen",
    "segment_id": "segment",
    "session_id": "user_session",
    "set_id": "shared_set",
    "step_id": "undo_step",
    "suppression_id": "suppression",
    "trunk_id": "trunk",
    "user_id": "user_account",
    "version_id": "scorecard_version",
}
#: Parameters that name a part of something, or a word: nobody's rows.
WORDS = {
    "action": "pause",
    "chart": "heat",
    "control": "hold",
    "how": "again",
    "kind": "xlsx",
    "language": "en",
    "name": "picture.png",
    "number": "1",
    "order": "listen",
    "position": "0",
    "question": "q1",
    "secret": "a" * 43,
    "section": "s1",
    "step": "pause",
    "switch": "flood",
    "token": "a" * 43,
}
#: Pages that never end, and name no row of anybody in their address: they show the own shift.
ENDLESS = re.compile(r"/stream$")
#: What a refused attack may answer. 422: the form was not even read; the rows are compared all the same.
REFUSED = {303, 401, 403, 404, 409, 422}


@dataclass
class Attack:
    """One client's people, and another client's rows."""

    world: World
    victim: UUID

    def value(self, name: str) -> str | None:
        """Return the other client's value of a parameter."""
        if name in TABLES:
            return str(id_of(TABLES[name], self.victim))
        return code_of(self.victim) if name == "code" else WORDS.get(name)

    def address(self, path: str) -> str:
        """Return a route's address with the other client's ids."""

        def put(found: re.Match[str]) -> str:
            value = self.value(found[1].split(":")[0])
            assert value is not None, (
                f"{path}: what does {found[1]} name? Say so in TABLES or WORDS"
            )
            return value

        return re.sub(r"{([^}]+)}", put, path)

    def example(self, schema: dict[str, Any], name: str = "", depth: int = 0) -> Any:
        """Return something that fits a schema, with the other client's ids where it asks for ids."""
        if "$ref" in schema:
            schema = schema["$defs"][schema["$ref"].rsplit("/", 1)[-1]] | {"$defs": schema["$defs"]}
        inherited = {"$defs": schema.get("$defs", {})}
        for kind in ("anyOf", "oneOf", "allOf"):
            if kind in schema:
                return self.example(schema[kind][0] | inherited, name, depth)
        singular = name.removesuffix("s")
        if schema.get("type") == "array":
            return [self.example(schema.get("items", {}) | inherited, singular, depth + 1)]
        if schema.get("type") == "object":
            wanted = schema.get("properties", {}) if depth < 4 else {}
            return {one: self.example(wanted[one] | inherited, one, depth + 1) for one in wanted}
        if self.value(name) is not None or schema.get("format") == "uuid":
            return self.value(name) or str(new_id())
        if "enum" in schema or "const" in schema:
            return schema.get("const", (schema.get("enum") or [None])[0])
        plain = {"integer": 1, "number": 1, "boolean": True}
        return plain.get(schema.get("type", ""), "2026-11-23T09:00:00Z" if "_at" in name else "x")

    def request(self, route: RouteContext) -> dict[str, Any]:
        """Return what httpx sends to a route: query, form or JSON, as the route says it takes them."""
        depended = list(_depended(route.dependant))
        query = {one.alias: self.value(one.alias) for d in depended for one in d.query_params}
        given: dict[str, Any] = {"params": {name: one for name, one in query.items() if one}}
        body = {one.alias: one.field_info for d in depended for one in d.body_params}
        examples = {
            name: self.example(TypeAdapter(info.annotation).json_schema(), name)
            for name, info in body.items()
            if not isinstance(info, params.File)
        }
        if any(isinstance(info, params.Form) for info in body.values()):
            files = {
                name: ("list.csv", b"phone\n+79430001111\n")
                for name, info in body.items()
                if isinstance(info, params.File)
            }
            return given | {"data": examples} | ({"files": files} if files else {})
        if body:
            given["json"] = next(iter(examples.values())) if len(examples) == 1 else examples
        return given


@pytest.fixture
async def attack(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[Attack]:
    victim = new_id()
    async with transaction(sessions) as session:
        await drop_rules(session)
        await fill(session, victim)
        await enforce_again(session)
    async with api_world(sessions, redis, clock) as world:
        yield Attack(world, victim)


def _depended(dependant: Any) -> Iterator[Any]:
    yield dependant
    for one in dependant.dependencies:
        yield from _depended(one)


def _routes(world: World) -> Iterator[tuple[str, str, RouteContext]]:
    for route in iter_route_contexts(world.app.routes):
        if isinstance(route.original_route, APIRoute) and route.path is not None:
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, route.path, route


async def _victims_rows(attack: Attack) -> dict[str, Any]:
    ids = {str(id_of(name, attack.victim)) for name in metadata.tables}
    listed = "ARRAY[" + ", ".join(f"'{one}'" for one in sorted(ids)) + "]"
    where = f"EXISTS (SELECT FROM unnest({listed}) AS k(id) WHERE t::text LIKE '%' || k.id || '%')"
    async with transaction(attack.world.sessions) as session:
        empty = await checksum(session, "client", "false")
        found = {name: await checksum(session, name, where) for name in metadata.tables}
        counted = await session.execute(text("SELECT count(*) FROM attempt"))
        assert counted.scalar_one() > 0
    assert sum(one != empty for one in found.values()) > 0.9 * len(found)
    return found


@pytest.mark.parametrize("role", list(Role))
async def test_no_route_gives_or_changes_what_is_another_clients(
    attack: Attack, role: Role, redis: Redis
) -> None:
    before = await _victims_rows(attack)
    browser, api = await attack.world.browser(role), await attack.world.api(role)
    browser.headers["Origin"] = "http://outdial.test"
    refusals = 0
    for method, path, route in _routes(attack.world):
        if path.startswith("/account/") or path == "/sign-out":
            continue  # would sign the attacker out
        named = "{" in path
        if not named and ENDLESS.search(path):
            continue
        client = api if path.startswith("/api/") else browser
        answer = await _send(attack, client, method, route)
        assert secret_of(attack.victim) not in answer.text, (method, path)
        # 503: what a page needs is not set up here.
        assert answer.status_code < 500 or answer.status_code == 503, (
            method,
            path,
            answer.status_code,
            answer.text[:500],
        )
        if named and _names_rows(path):
            assert answer.status_code in REFUSED, (method, path, answer.status_code)
            refusals += answer.status_code in {403, 404}
    assert refusals > 90
    after = await _victims_rows(attack)
    assert after == before, {name for name in after if after[name] != before[name]}
    told = [key.decode() for key in await redis.keys("*")]
    ids = {str(id_of(name, attack.victim)) for name in metadata.tables}
    assert not [key for key in told if any(one in key for one in ids)]
    left = str(attack.world.jobs.enqueued)
    assert not [one for one in ids if one in left]


def _names_rows(path: str) -> bool:
    names = {found.split(":")[0] for found in re.findall(r"{([^}]+)}", path)}
    return bool(names - set(WORDS))


async def _send(attack: Attack, client: AsyncClient, method: str, route: RouteContext) -> Response:
    given = attack.request(route)
    return await client.request(method, attack.address(str(route.path)), **given, timeout=20)
