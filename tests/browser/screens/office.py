"""The pages of those who run campaigns, one after the other."""

from datetime import timedelta

from playwright.async_api import Page
from sqlmodel import col, select

from api.browsers import COOKIE
from campaigns.accounts import people
from campaigns.lists.models import ListImport
from campaigns.pacing.memory import keep_trace
from campaigns.tenancy import audit
from campaigns.tenancy.models import Role, User
from dialer.call.verdicts import Treatment
from dialer.db import transaction
from tests.accounts import PASSWORD, SAME_ORIGIN, code_of
from tests.browser.screens.stage import Stage
from tests.integration.machine_world import stored_call


async def accounts(stage: Stage) -> None:
    """Sign in, set a second factor up, sign in with it; people and what they did."""
    shop = stage.shop
    page = await stage.page(None)
    await stage.show(page, "sign-in", "/sign-in", phone=True)
    await page.fill("#login", shop.people[Role.MANAGER].login)
    await page.fill("#password", "not the password")
    await page.keyboard.press("Enter")
    await stage.show(page, "sign-in-refused", wait=".banner.bad")
    await _give_password(stage, shop.people[Role.ADMIN])
    boss = await stage.page(Role.ADMIN)
    await stage.show(boss, "account", "/account", phone=True)
    await boss.fill("#present-2", PASSWORD)
    await boss.keyboard.press("Enter")
    await stage.show(boss, "second-factor", wait=".qr")
    await _use_factor(stage, boss)
    for name, path in (("users", "/users"), ("user", f"/users/{shop.desk.user.id}")):
        await stage.show(boss, name, path)
    await _let_things_happen(stage)
    await stage.show(boss, "audit", "/audit")


async def _use_factor(stage: Stage, page: Page) -> None:
    """Confirm the second factor, and sign in with it in another browser."""
    shop = stage.shop
    key = (await page.inner_text("code.key")).replace(" ", "")
    await page.fill("input[name=code]", code_of(key, shop.clock))
    await page.keyboard.press("Enter")
    await stage.show(page, "recovery-codes", wait=".recovery")
    other = await stage.page(None)
    await other.goto(f"{stage.url}/sign-in")
    await other.fill("#login", shop.people[Role.ADMIN].login)
    await other.fill("#password", PASSWORD)
    await other.keyboard.press("Enter")
    await stage.show(other, "sign-in-code", wait="input[name=code]", phone=True)


async def _give_password(stage: Stage, user: User) -> None:
    world = stage.shop.world
    async with transaction(world.sessions) as session:
        mine = await people.find(session, user.id, client_id=user.client_id)
        await people.set_password(session, mine, PASSWORD, world.clock, by=None)


async def _let_things_happen(stage: Stage) -> None:
    world = stage.shop.world
    async with transaction(world.sessions) as session:
        for role, action, subject in (
            (Role.MANAGER, "campaign.changed", "campaign"),
            (Role.SUPERVISOR, "campaign.paused", "campaign"),
        ):
            user = stage.shop.people[role]
            await audit.record(
                session,
                client_id=world.client_id,
                user_id=user.id,
                at=world.clock.now(),
                action=action,
                subject=subject,
                subject_id=stage.shop.campaign_ids[0],
                facts={},
            )


async def campaigns(stage: Stage) -> None:
    """See what runs, how it is paced, and why contacts wait."""
    shop, main = stage.shop, stage.shop.campaign_ids[0]
    page = await stage.page(Role.MANAGER)
    await stage.show(page, "campaigns", "/campaigns", phone=True)
    await _keep_pacing(stage)
    await stage.show(page, "campaign", f"/campaigns/{main}", wait=".why-section table", phone=True)
    await stage.show(page, "pacing", f"/campaigns/{main}/pacing")
    await stage.show(page, "why", f"/campaigns/{main}/why", phone=True)
    await page.fill("#words", shop.words.people[2].split()[0])
    await page.keyboard.press("Enter")
    await stage.show(page, "why-found", wait="#found .lead")
    for row, treatment in ((90, Treatment.ACTED), (91, Treatment.ACTED)):
        await stored_call(shop.world, shop.campaign_ids[1], row, treatment)
    await stage.show(page, "machines", f"/campaigns/{shop.campaign_ids[1]}/machines")


async def _keep_pacing(stage: Stage) -> None:
    world = stage.shop.world
    now = world.clock.now()
    seconds = [
        {
            "placed": 1 if age % 4 == 0 else 0,
            "ready": 1 + age % 3,
            "talking": 14 + (age // 90) % 6,
            "wrapping": 2 + (age // 60) % 3,
            "ringing": 7 + age % 4,
            "answered": 400,
            "abandoned": 8,
            "ceiling": 0.03,
            "target": 0.029,
            "limit": "risk",
            "risk": 0.021,
            "threshold": 0.029,
            "expected_free": 3.4,
            "budget_left": 3.8,
            "at_s": now.timestamp() - age,
        }
        for age in range(1200, 0, -1)
    ]
    async with transaction(world.sessions) as session:
        await keep_trace(
            session,
            stage.shop.campaign_ids[0],
            world.client_id,
            seconds,
            began_at=now - timedelta(seconds=1200),
            ended_at=now,
        )


async def lists(stage: Stage) -> None:
    """Bring a list with mistakes in; ask the law."""
    shop = stage.shop
    page = await stage.page(Role.MANAGER)
    await stage.show(page, "lists", "/lists")
    await stage.show(page, "list-upload", "/lists/upload")
    address = await _upload(stage)
    await stage.show(page, "import-check", address, wait="[id*=check] table, .refused, .measures")
    await page.locator("button[formaction$='/commit']").first.click()
    await stage.show(page, "import-done", wait="h1")
    await stage.show(page, "law", "/law")
    await page.fill("#number", f"{shop.words.number}{'01' if shop.language == 'en' else '001'}")
    await page.press("#number", "Enter")
    await stage.show(page, "law-answer", wait="#answer .verdict")


async def _upload(stage: Stage) -> str:
    shop = stage.shop
    browser = shop.world.anonymous()
    browser.cookies.set(COOKIE, await shop.world.session_token(shop.people[Role.MANAGER]))
    given = {"name": shop.words.lists[0], "region": shop.words.region, "text": ""}
    data = shop.words.file.encode()
    files = {"file": ("orders.csv", data)}
    sent = await browser.post("/lists/upload", data=given, files=files, headers=SAME_ORIGIN)
    assert sent.status_code == 303, sent.text
    async with shop.world.sessions() as session:
        rows = select(ListImport).order_by(col(ListImport.uploaded_at).desc())
        found = (await session.exec(rows)).first()
    assert found is not None
    return f"/imports/{found.id}"


async def forms(stage: Stage) -> None:
    """Build a questionnaire, try it, publish it."""
    page = await stage.page(Role.MANAGER)
    await stage.show(page, "forms", "/forms")
    await stage.show(page, "form-builder", "/forms/delivery?question=delivered", phone=True)
    for name in ("versions", "export", "publish", "trial"):
        await stage.show(page, f"form-{name}", f"/forms/delivery/{name}", phone=name == "trial")


async def scripts(stage: Stage) -> None:
    """Write what operators say and find."""
    shop = stage.shop
    page = await stage.page(Role.SUPERVISOR)
    await stage.show(page, "scripts", "/scripts")
    await stage.show(page, "script", f"/scripts/{shop.script}", wait="#preview")
    await stage.show(page, "script-version", f"/scripts/{shop.script}/versions/1")
    await stage.show(page, "knowledge", "/knowledge")
    await stage.show(page, "article", f"/knowledge/{shop.article_id}")
    await stage.show(page, "article-new", "/knowledge/new")


async def refusals(stage: Stage) -> None:
    """See what is said to somebody who may not, who asks for nothing there is, or comes too late."""
    page = await stage.page(Role.AGENT)
    await stage.show(page, "error-403", "/users")
    await stage.show(page, "error-404", "/desk/calls/0190a000-0000-7000-8000-000000000000")
    boss = await stage.page(Role.MANAGER)
    await boss.goto(f"{stage.url}/campaigns/{stage.shop.campaign_ids[2]}")
    await boss.locator("form[action$='/start'] button").click()
    await stage.show(boss, "error-409", wait=".banner.bad")
