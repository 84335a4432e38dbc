"""The demo's operator: form, script and articles are published once, and the login opens the desk."""

from redis.asyncio import Redis
from sqlmodel import col, func, select

from campaigns.accounts import passwords
from campaigns.agents.models import Agent
from campaigns.agents.phones import browser_endpoint
from campaigns.configuration import checked_settings
from campaigns.forms import publishing as forms
from campaigns.scripts import shelves
from campaigns.scripts.models import ArticleVersion
from campaigns.scripts.searching import search
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from cli.demo import command, desk
from cli.installation import Opened
from dialer.clock import SystemClock
from dialer.db import SessionFactory, transaction
from dialer.jobs import JobQueue
from tests.factories import make_client
from tests.world import test_settings


async def _opened(sessions: SessionFactory, redis: Redis, redis_url: str) -> Opened:
    clock = SystemClock()
    async with transaction(sessions) as session:
        client = await make_client(session, clock.now())
    jobs = await JobQueue.open(redis_url)
    await jobs.close()  # nothing is left for the workers
    return Opened(test_settings("", redis_url), sessions, redis, jobs, clock, client.id)


async def test_what_the_operator_asks_and_reads_is_published_once(
    sessions: SessionFactory, redis: Redis, redis_url: str
) -> None:
    work = await _opened(sessions, redis, redis_url)
    for _ in range(2):
        await desk.publish_all(work)
    async with sessions() as session:
        versions = await forms.list_versions(session, client_id=work.client_id)
        assert [(form.code, version.number) for form, version in versions] == [(desk.SURVEY, 1)]
        assert all(version.published_at for _, version in versions)
        rows = await shelves.list_scripts(session, client_id=work.client_id)
        assert [(row.code, version.number) for row, version in rows] == [(desk.SURVEY, 1)]
        assert await shelves.newest_published(session, desk.SURVEY, client_id=work.client_id)
        own = col(ArticleVersion.client_id) == work.client_id
        count = select(func.count()).select_from(ArticleVersion).where(own)
        assert (await session.exec(count)).one() == 7
        for asked in ("my number", "мой номер", "мій номер"):
            assert (await search(session, asked, client_id=work.client_id))[0].pinned, asked


async def test_the_operator_signs_in_and_has_the_telephone_in_the_browser(
    sessions: SessionFactory, redis: Redis, redis_url: str
) -> None:
    work = await _opened(sessions, redis, redis_url)
    first, second = await desk.make_operator(work), await desk.make_operator(work)
    assert first.password != second.password
    async with sessions() as session:
        user = await bootstrap.find_user(session, desk.LOGIN)
        agents = select(Agent).where(col(Agent.client_id) == work.client_id)
        (agent,) = await session.exec(agents)
    assert user is not None
    assert user.role is Role.AGENT
    assert (await passwords.check(user.password_hash, second.password)).fits
    assert (agent.user_id, agent.endpoint) == (user.id, browser_endpoint(agent.id))


def test_the_settings_of_the_demos_campaigns_are_right() -> None:
    for changes in ({}, {"wrap_up_s": desk.WRAP_UP_S}):
        made = checked_settings({**command.SETTINGS, **desk.SETTINGS, **changes})
        assert (made["form"], made["script"]) == (desk.SURVEY, desk.SURVEY)
