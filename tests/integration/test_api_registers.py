"""Trunks, caller IDs, days off and retention, as programs and the command line have them."""

from httpx import AsyncClient

from campaigns.registers import changing, free_days
from campaigns.registers.free_days import DayWish
from campaigns.registers.register import CommandLine
from campaigns.registers.registers import DAYS_OFF
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import transaction
from tests.integration.api_world import World
from tests.integration.test_registers import actions, browser, numbers, sent, world

__all__ = ["browser", "world"]


async def test_programs_see_and_change_what_the_pages_do(
    world: World, browser: AsyncClient
) -> None:
    api = await world.api(Role.MANAGER)
    (carrier,) = (await api.get("/api/v1/trunks")).json()
    assert (carrier["name"], carrier["is_shared"], carrier["lines_in_use"]) == ("carrier", True, 0)
    until = {"until": "2026-12-01T00:00:00Z", "reason": "spam"}
    refused = await api.post(f"/api/v1/trunks/{carrier['id']}/rest", json=until)
    assert refused.status_code == 403
    await sent(browser, "/caller-ids", e164="+74951110001")
    (row,) = await numbers(world)
    rested = (await api.post(f"/api/v1/caller-ids/{row.id}/rest", json=until)).json()
    assert (rested["rests_until"], rested["rest_reason"]) == ("2026-12-01T00:00:00Z", "spam")
    await api.post(f"/api/v1/caller-ids/{row.id}/rest", json={"until": None})
    assert (await api.get("/api/v1/caller-ids")).json()[0]["rests_until"] is None
    day = {"name": "Ours", "on_date": "2026-12-29", "region": "ru"}
    made = await api.post("/api/v1/days-off", json=day)
    assert made.status_code == 201, made.text
    assert made.json()["region"] == "RU"
    assert (await api.post("/api/v1/days-off", json=day)).status_code == 422
    address = f"/api/v1/days-off/{made.json()['id']}"
    assert (await api.delete(address)).status_code == 204
    assert (await api.get("/api/v1/days-off")).json() == []
    kept = await api.put("/api/v1/retention", json={"days": {"exports": 7}})
    assert {one["what"]: one["days"] for one in kept.json()}["exports"] == 7


async def test_the_command_line_stands_in_the_log_as_nobody(
    world: World, clock: FrozenClock
) -> None:
    who = CommandLine(world.client_id)
    async with transaction(world.sessions) as session:
        wish = DayWish.read({"name": "Ours", "on_date": "2026-12-29"})
        row, _ = await free_days.save_day(session, None, wish, who=who, clock=clock)
        values = {"archived_at": clock.now()}
        await changing.change_rows(
            session, DAYS_OFF, [row.id], values, "archived", who=who, clock=clock
        )
    assert await actions(world) == ["day_off.created", "day_off.archived"]
