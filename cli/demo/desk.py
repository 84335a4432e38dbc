"""The demo's operator: a person signs in, and takes calls of the simulated people.

Form, script and knowledge base are files like those that people import; they are published once, and again
only when they have changed.
"""

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.accounts import passwords, people
from campaigns.agents import sessions as shifts
from campaigns.agents.models import Agent
from campaigns.forms import publishing as forms
from campaigns.forms.files.yaml_reading import read_yaml
from campaigns.forms.form import Form
from campaigns.forms.publishing import FormNotFound
from campaigns.models import Campaign
from campaigns.scripts import article_drafts, filing
from campaigns.scripts import publishing as scripts
from campaigns.scripts.authors import CommandLine
from campaigns.scripts.files import read_knowledge, read_script
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from cli.campaign import move_campaign
from cli.demo.world import World
from cli.installation import Opened
from cli.output import console
from dialer.clock import Clock
from dialer.db import transaction

#: Code of the demo's form, and of its script.
SURVEY = "demo-delivery"
LOGIN = "operator"
NAME = "Operator"

#: What a campaign needs for the operator's window, besides what every campaign of the demo has.
SETTINGS: dict[str, Any] = {
    "form": SURVEY,
    "script": SURVEY,
    "form_dispositions": {"complete": "done", "screened_out": "refused"},
    "desk": {
        "colour": "teal",
        "greeting": "Good day!",
        "fields": {"Город": "editable", "Компания": "editable", "Комментарий": "editable"},
    },
    "record_pausable": True,
}
#: A person types: the wrap-up is as long as people need.
WRAP_UP_S = 120
#: Processes are looked after this often.
_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Login:
    """With what somebody signs in."""

    login: str
    password: str


async def publish_all(work: Opened) -> None:
    """Publish what the operator reads and asks."""
    data = resources.files("cli") / "data"
    form = read_yaml((data / "demo_form.yaml").read_bytes())
    script = read_script((data / "demo_script.yaml").read_bytes())
    knowledge = read_knowledge((data / "demo_knowledge.yaml").read_bytes())
    who, clock = CommandLine(work.client_id), work.clock
    async with transaction(work.sessions) as session:
        await _publish_form(session, form, who, clock)
        version = await filing.keep_script(session, script, who=who, clock=clock)
        if version.published_at is None:
            await scripts.publish(session, script.code, revision=None, who=who, clock=clock)
        for article in await filing.keep_articles(session, knowledge, who=who, clock=clock):
            if article.draft is not None:
                await article_drafts.publish(session, article.id, who=who, clock=clock)


async def _publish_form(session: AsyncSession, form: Form, who: CommandLine, clock: Clock) -> None:
    with suppress(FormNotFound):
        known = await forms.find_published(session, form.code, client_id=who.client_id)
        if forms.form_in(known) == form:
            return
    await forms.save_draft(session, form, client_id=who.client_id, user_id=None, clock=clock)
    await forms.publish(session, form.code, client_id=who.client_id, user_id=None, clock=clock)


async def give_login(work: Opened, login: str, role: Role) -> Login:
    """Make a user of the demo, or give a known one a new password; it need not be changed."""
    async with transaction(work.sessions) as session:
        user = await bootstrap.find_user(session, login)
        if user is None:
            user = await bootstrap.create_user(
                session, client_id=work.client_id, login=login, role=role, clock=work.clock
            )
        user.manages_clients = role is Role.MANAGER  # the demo's is the call centre's
        password = passwords.made_up()
        await people.set_password(session, user, password, work.clock, by=None)
    return Login(login, password)


async def make_operator(work: Opened) -> Login:
    """Make the operator, with the telephone in the browser."""
    given = await give_login(work, LOGIN, Role.AGENT)
    async with transaction(work.sessions) as session:
        mine = select(Agent).where(col(Agent.client_id) == work.client_id, col(Agent.name) == NAME)
        if (await session.exec(mine)).first() is None:
            user = await bootstrap.find_user(session, LOGIN)
            await shifts.create_agent(
                session,
                client_id=work.client_id,
                name=NAME,
                endpoint=None,
                user_id=user.id if user is not None else None,
            )
    return given


async def serve_operator(world: World, work: Opened, campaign: Campaign) -> bool:
    """Let a person take calls until Ctrl+C; tell whether everything ran until then."""
    operator = await make_operator(work)
    supervisor = await give_login(work, "demo", Role.MANAGER)
    _tell(f"http://{work.settings.web_host}:{work.settings.web_port}", operator, supervisor)
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    runs = True
    while runs and not over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), _LOOK_S)
        if not over.is_set() and (dead := world.look_after()):
            console.print(f"[red]ended unexpectedly: {', '.join(dead)}[/]")
            runs = False
    await move_campaign(work, campaign, lifecycle.stop, reason="the demo is over")
    return runs


def _tell(address: str, operator: Login, supervisor: Login) -> None:
    for line in (
        f"1. Open {address}/desk in a browser on this machine, with a headset.",
        f"2. Sign in: {operator.login}, password {operator.password}",
        "3. Allow the microphone, choose the campaign, begin the shift and press Ready (R):",
        "   the next person who answers is put through with a tone.",
        f"The manager's view is {address}/campaigns: {supervisor.login}, password"
        f" {supervisor.password} (in another browser or a private window).",
        "Ctrl+C ends the demo.",
    ):
        console.print(line, soft_wrap=True, markup=False, highlight=False)
