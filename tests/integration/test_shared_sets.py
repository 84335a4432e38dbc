"""Sets of dispositions and retry rules: begun with a preset or a campaign, changed, given as copies."""

from uuid import UUID

from httpx import AsyncClient
from sqlmodel import col, select

from campaigns.models import Campaign
from campaigns.registers.models import SharedSet
from campaigns.setup.dispositions import find_lines
from campaigns.tenancy.models import Role
from tests.integration.api_world import World
from tests.integration.test_registers import browser, sent, step, world

__all__ = ["browser", "world"]


async def only_set(world: World) -> SharedSet:
    async with world.sessions() as session:
        return (await session.exec(select(SharedSet).order_by(col(SharedSet.id)))).one()


async def test_dispositions_are_kept_once_and_given_to_campaigns(
    world: World, browser: AsyncClient
) -> None:
    api = await world.api(Role.MANAGER)
    campaign = await world.campaign(api)
    assert "There are no sets yet" in (await browser.get("/disposition-sets")).text
    made = await sent(browser, "/disposition-sets", name="Ours", source="preset:debt")
    assert "promise" in made.text
    row = await only_set(world)
    page = f"/disposition-sets/{row.id}"
    table = {
        "0.code": "paid",
        "0.label": "Has paid",
        "0.success": "on",
        "1.code": "",
        "1.label": "",
    }
    changed = await sent(browser, f"{page}/table", **table)
    assert "Has paid" in changed.text
    assert [one["code"] for one in (await only_set(world)).content["lines"]] == ["paid"]
    given = await sent(browser, f"{page}/give", row_id=[str(campaign)])
    assert "have a copy of it now" in given.text
    assert await codes(world, campaign) == ["paid"]
    await sent(browser, f"/undo/{(await step(world)).id}")
    assert len((await only_set(world)).content["lines"]) > 3
    assert await codes(world, campaign) == ["paid"]  # a copy is a copy
    wrong = await browser.post(f"{page}/table", data={"0.label": "No code"})
    assert wrong.status_code == 422
    assert "needs a code" in wrong.text
    taken = await browser.post("/disposition-sets", data={"name": "Ours", "source": "preset:sale"})
    assert "There is one of this name" in taken.text


async def codes(world: World, campaign: UUID) -> list[str]:
    async with world.sessions() as session:
        lines = await find_lines(session, campaign, client_id=world.client_id)
    return [line.code for line in lines]


async def test_retry_rules_of_one_campaign_go_to_another(
    world: World, browser: AsyncClient
) -> None:
    api = await world.api(Role.MANAGER)
    rules = {"busy": {"after_s": 600, "max_attempts": 4}}
    one = await world.campaign(api, name="One", settings={"purpose": "survey", "retry": rules})
    other = await world.campaign(api, name="Other")
    made = await sent(browser, "/retry-sets", name="Slow", source=f"campaign:{one}")
    assert "Busy" in made.text
    row = await only_set(world)
    await sent(browser, f"/retry-sets/{row.id}/table", **{"busy.minutes": "15", "busy.most": "3"})
    await sent(browser, f"/retry-sets/{row.id}/give", row_id=[str(other)])
    async with world.sessions() as session:
        campaign = await session.get_one(Campaign, other)
    assert campaign.settings["retry"]["busy"]["after_s"] == 900
    assert set(campaign.settings["retry"]) == {"busy"}
    renamed = await sent(browser, f"/retry-sets/{row.id}", name="Slower")
    assert "Slower" in renamed.text
    nameless = await browser.post(f"/retry-sets/{row.id}", data={"name": " "})
    assert "This is needed." in nameless.text


async def test_another_clients_campaign_gets_nothing(world: World, browser: AsyncClient) -> None:
    await sent(browser, "/retry-sets", name="Slow", source="preset:sale")
    row = await only_set(world)
    admin = await world.browser(Role.ADMIN, world.other_client_id)
    origin = {"Origin": "http://outdial.test"}
    answer = await admin.post(
        f"/retry-sets/{row.id}/give", data={"row_id": str(row.id)}, headers=origin
    )
    assert answer.status_code == 404
    mine = await browser.post(f"/retry-sets/{row.id}/give", data={"row_id": str(row.id)})
    assert mine.status_code == 404
