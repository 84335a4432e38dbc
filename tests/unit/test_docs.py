"""The documentation against the code: what has a name in one has it in the other."""

import ast
import json
import re
import shlex
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import click
import pytest
import typer

from campaigns.commands import CommandName
from campaigns.filter_words import FIELDS, Op, ValueKind
from campaigns.law.kinds import consent_kinds
from campaigns.leads import why
from campaigns.leads.recycle import UNDISPOSED
from campaigns.lists.fields import ColumnField, ValueType
from campaigns.lists.forecasting import PLACE_UNKNOWN, WINDOW_CLOSED
from campaigns.lists.limits import USUAL_LIMITS
from campaigns.lists.plan import SameBy, Scope, Then
from campaigns.lists.refusals import ImportWarning
from campaigns.lists.refusals import RefusalReason as RowRefusal
from campaigns.retries import NextCall, RetryStep
from campaigns.selection import DrawOrder, NewOrder, Selection
from campaigns.settings import CampaignSettings, default_retry
from campaigns.states import CallbackState, CampaignState, ImportState, LeadState, PhoneKind
from campaigns.tenancy.models import Role
from cli.commands import app
from compliance.dnc.formats import DncFormat
from compliance.numbering import NumberRefusal
from compliance.packs import load_packs
from compliance.placement import Confidence, PlacementSource
from compliance.reasons import FINAL, PASSING, RefusalReason
from compliance.rules import Channel, DncSemantics, Party, Purpose, RuleKind
from dialer.agent.commands import AgentCommand
from dialer.agent.events import AgentEvent
from dialer.agent.states import AgentState
from dialer.call.commands import CallCommand
from dialer.call.events import CallEvent
from dialer.call.states import CallOutcome, CallState
from dialer.jobs import JobName
from dialer.pacing.breaker import BreakerState
from dialer.pacing.modes import DialMode
from dialer.settings import ENV_PREFIX, PROJECT_ROOT, Settings
from workers.dialing.runner import EndReason

DOCS = PROJECT_ROOT / "docs"
PAGES = (
    PROJECT_ROOT / "README.md",
    PROJECT_ROOT / "CHANGELOG.md",
    *sorted(DOCS.rglob("*.md")),
)

#: Words of the glossary by the heading under which they must stand.
SECTIONS: dict[str, tuple[type[StrEnum], ...]] = {
    "A campaign": (CampaignState, DialMode, EndReason),
    "A lead": (LeadState, CallbackState),
    "A retry rule": (NextCall,),
    "A selection": (DrawOrder, NewOrder, Op, ValueKind),
    "A contact list": (
        *(RowRefusal, NumberRefusal, ImportWarning, ImportState, PhoneKind),
        *(SameBy, Scope, Then, ColumnField, ValueType),
    ),
    "The gate": (
        *(RefusalReason, PlacementSource, Confidence, DncSemantics),
        *(Purpose, Channel, Party, RuleKind),
    ),
    "A call": (CallState, CallOutcome),
    "An agent": (AgentState,),
    "A trunk's breaker": (BreakerState,),
    "Messages and jobs": (CommandName, JobName),
    "Roles": (Role,),
}
MACHINES: dict[str, tuple[UnionType, ...]] = {
    "A call": (CallEvent, CallCommand),
    "An agent": (AgentEvent, AgentCommand),
}
#: Settings whose start values the page tells in words.
TOLD_IN_WORDS = {"run_dir", "retry", "selection"}


def section(page: str, heading: str) -> str:
    """The text of a section, up to the next heading of its level."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert found, f"{page} has no section {heading!r}"
    return found.group(1)


def words(text: str) -> set[str]:
    """Everything that stands in backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def rows(text: str) -> dict[str, list[str]]:
    """The tables' rows by their first cell, where it stands in backticks."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


@cache
def code(*tops: str) -> str:
    """All Python below ``tops``, as one text."""
    files = [file for top in tops for file in sorted((PROJECT_ROOT / top).rglob("*.py"))]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@cache
def defined() -> frozenset[str]:
    """Names of all functions and classes of the project, tests too."""
    tops = ("dialer", "compliance", "campaigns", "api", "workers", "cli", "bench", "tests")
    tree = ast.parse(code(*tops))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_glossary_knows_every_state_outcome_and_reason(heading: str) -> None:
    members = {member.value for kind in SECTIONS[heading] for member in kind}
    assert not members - words(section("glossary.md", heading))


@pytest.mark.parametrize("heading", MACHINES)
def test_the_glossary_knows_every_event_and_command(heading: str) -> None:
    names = {kind.__name__ for union in MACHINES[heading] for kind in get_args(union)}
    assert not names - words(section("glossary.md", heading))


def test_the_glossary_invents_no_outcome() -> None:
    told = rows(section("glossary.md", "A call").split("\nOutcome:")[1].split("\nEvents")[0])
    assert set(told) == {outcome.value for outcome in CallOutcome}


def test_the_glossary_knows_why_a_lead_waits() -> None:
    source = code("campaigns/leads")
    told = words(section("glossary.md", "A lead"))
    for reason in ("new", "next_number", "live_attempt_elsewhere", "no_free_channel", "callback"):
        assert f'"{reason}"' in source, f"the code has no {reason} any more"
        assert reason in told
    assert "waiting_reason = 'callback_cancelled'" in source
    assert {UNDISPOSED, "callback_cancelled", *why.OTHER_REMEDIES} <= told


def test_the_glossary_knows_what_a_filter_asks_and_a_forecast_counts() -> None:
    assert set(FIELDS) <= words(section("glossary.md", "A selection"))
    assert {WINDOW_CLOSED, PLACE_UNKNOWN} <= words(section("glossary.md", "A contact list"))


def test_the_glossary_tells_what_becomes_of_each_refused_lead() -> None:
    passing, final, standing = section("glossary.md", "The gate").split("\nReasons ")[:3]
    for reason in RefusalReason:
        told = passing if reason in PASSING else final if reason in FINAL else standing
        assert f"`{reason.value}`" in told.split("\nWhere the called person")[0], reason


def test_the_glossary_knows_every_kind_of_consent() -> None:
    assert consent_kinds(load_packs()) <= words(section("glossary.md", "The gate"))


def start_value(value: Any) -> str:
    """A setting's start value as the page writes it."""
    return (
        "none" if value is None else f"`{value if isinstance(value, str) else json.dumps(value)}`"
    )


def test_every_variable_is_told_with_its_start_value() -> None:
    told = rows(section("settings.md", "Variables of an installation"))
    for name, field in Settings.model_fields.items():
        row = told.get(f"{ENV_PREFIX}{name.upper()}")
        assert row is not None, f"settings.md lacks {name}"
        if name not in TOLD_IN_WORDS:
            assert row[0] == start_value(field.default), name


def test_no_variable_is_told_that_nothing_reads() -> None:
    others = [PROJECT_ROOT / "Makefile", PROJECT_ROOT / "compose.yaml"]
    read = {f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields}
    for file in others:
        read |= set(re.findall(rf"{ENV_PREFIX}[A-Z_]+", file.read_text(encoding="utf-8")))
    for page in PAGES:
        told = set(re.findall(rf"{ENV_PREFIX}[A-Z_]+", page.read_text(encoding="utf-8")))
        assert not told - read, page


def test_every_campaign_setting_is_told_with_its_start_value_and_no_other() -> None:
    told = rows(section("settings.md", "Settings of a campaign").split("### Hours")[0])
    assert set(told) == set(CampaignSettings.model_fields)
    for name, field in CampaignSettings.model_fields.items():
        if name not in TOLD_IN_WORDS:
            start = field.get_default(call_default_factory=True)
            assert told[name][0].strip("`") == json.dumps(start), name


def test_every_part_of_a_selection_is_told_with_its_start_value_and_no_other() -> None:
    text = section("settings.md", "Settings of a campaign").split("### Selection")[1]
    told = rows(text.split("### Retry rules")[0])
    start = Selection().model_dump(mode="json")
    assert {name: row[0].strip("`") for name, row in told.items()} == {
        name: json.dumps(value) for name, value in start.items()
    }


def examples(page: str) -> list[Any]:
    """The page's examples in JSON."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [json.loads(found) for found in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


def test_the_examples_of_settings_can_be_used() -> None:
    hours, selection, retry = examples("settings.md")
    used = CampaignSettings.model_validate({"hours": hours, "selection": selection, "retry": retry})
    assert used.selection.quotas
    assert [used.retry[CallOutcome.BUSY].delay_s(n) / 60 for n in range(4)] == [15, 30, 60, 120]


def test_every_part_of_a_retry_rule_is_told() -> None:
    text = section("settings.md", "Settings of a campaign").split("### Retry rules")[1]
    assert {*RetryStep.model_fields, "steps", "max_attempts"} <= words(text)


def test_the_limits_of_campaign_settings_are_told() -> None:
    told = rows(section("settings.md", "Settings of a campaign").split("### Hours")[0])
    for name, field in CampaignSettings.model_fields.items():
        for limit in field.metadata:
            bounds: Iterable[float] = (
                getattr(limit, side) for side in ("ge", "gt", "le", "lt") if hasattr(limit, side)
            )
            for bound in bounds:
                numbers = re.findall(r"\d+(?:\.\d+)?", told[name][1])
                assert bound in [float(number) for number in numbers], (name, bound)


def test_the_retry_rules_a_campaign_starts_with_are_told() -> None:
    told = rows(section("settings.md", "Settings of a campaign").split("### Retry rules")[1])
    unit_s = {"minutes": 60, "hour": 3600, "hours": 3600}
    rules = {}
    for outcome, (after, attempts) in told.items():
        number, unit = after.split()
        rules[outcome] = (int(number) * unit_s[unit], int(attempts))
    real = {
        outcome.value: (rule.after_s, rule.max_attempts)
        for outcome, rule in default_retry().items()
    }
    assert rules == real


def test_the_limits_of_files_are_told() -> None:
    text = section("lists.md", "Files")
    gib = 1 << 30
    for number in (USUAL_LIMITS.rows, USUAL_LIMITS.columns, USUAL_LIMITS.cell_characters):
        assert f"| {number:,}" in text
    assert f"| file | {USUAL_LIMITS.file_bytes // gib} GB |" in text
    assert (
        f"| {USUAL_LIMITS.unpacked_bytes // gib} GB, and {USUAL_LIMITS.unpacked_ratio} times"
        in text
    )


def test_every_format_of_a_do_not_call_list_is_told() -> None:
    assert set(DncFormat) <= words(section("compliance.md", "Do-not-call lists"))


def test_the_number_of_rules_is_told() -> None:
    book = load_packs()
    places = book.jurisdictions()
    states = sum("-" in place for place in places)
    said = f"{len(book.rules)} rows, {len(places) - states} countries, {states} US states"
    assert said in " ".join(section("compliance.md", "Rule packs").split())
    seen = sum(rule.verified == "source-seen" for rule in book.rules)
    weak = f"Of {len(book.rules)} rows {seen} are `source-seen`, {len(book.rules) - seen} "
    assert weak in section("compliance.md", "What is weak")


def test_every_metric_is_told_and_no_other() -> None:
    sources = (
        "dialer/ari/metrics.py",
        "workers/dialing/metrics.py",
        "workers/jobs/metrics.py",
        "api/metrics.py",
    )
    text = "".join((PROJECT_ROOT / source).read_text(encoding="utf-8") for source in sources)
    known = set(re.findall(r'"(outdial_\w+)"', text))
    assert set(rows(section("operations.md", "Metrics"))) == known


def test_every_log_event_that_is_told_is_logged() -> None:
    told = {
        word
        for line in section("operations.md", "Logs").splitlines()
        if line.startswith("| `")
        for word in words(line.split(" | ")[0] + "|")
    }
    logged = code("dialer", "campaigns", "workers", "api")
    assert told
    assert not {word for word in told if f'"{word}"' not in logged}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT_ROOT).as_posix())
def test_a_page_names_only_what_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    # Pictures are added by hand, after a run.
    links = re.findall(r"(?<!\!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    away = [link for link in links if "//" not in link and not (page.parent / link).exists()]
    assert not away, f"links to nothing: {away}"
    named = words(text)
    paths = {
        word for word in named if re.fullmatch(r"\.?[\w.-]+(/[\w.-]+)+\.(py|toml|j2|md)", word)
    }
    assert not {path for path in paths if not (PROJECT_ROOT / path).exists()}
    tests = {word for word in named if re.fullmatch(r"test_\w+", word)}
    called = {word.removesuffix("()") for word in named if re.fullmatch(r"[\w.]+\(\)", word)}
    functions = {word.split(".")[-1] for word in called}
    assert not (tests | functions) - defined() - {"AMD", "CALLERID"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT_ROOT).as_posix())
def test_an_anchor_leads_to_a_heading(page: Path) -> None:
    for link, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        if "//" in link:
            continue
        target = (page.parent / link).read_text(encoding="utf-8") if link else page.read_text()
        headings = re.findall(r"^#+ (.+)$", target, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}
        assert anchor in anchors, f"{link}#{anchor}"


def commands(text: str) -> list[list[str]]:
    """The calls of the program among a page's shell examples."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
    lines = [line.strip().removeprefix(".venv/bin/") for line in blocks.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith("outdial ")]


def fault_of(call: list[str]) -> str:
    """Say what the program does not know of a call; nothing when all is well."""
    command: Any = typer.main.get_command(app)
    context = click.Context(command)
    rest = call[1:]
    while rest and hasattr(command, "get_command"):
        name, *rest = rest
        command = command.get_command(context, name)
        if command is None:
            return f"no command {name}"
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    unknown = {part.split("=")[0] for part in rest if part.startswith("-")} - known
    return f"no option {', '.join(sorted(unknown))}" if unknown else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT_ROOT).as_posix())
def test_a_page_shows_only_commands_that_are_there(page: Path) -> None:
    found = {" ".join(call): fault_of(call) for call in commands(page.read_text(encoding="utf-8"))}
    assert not {call: fault for call, fault in found.items() if fault}


def test_commands_are_looked_for() -> None:
    assert len(commands((DOCS / "compliance.md").read_text(encoding="utf-8"))) > 20
    assert fault_of(["outdial", "dnc", "burn"]) == "no command burn"
    assert fault_of(["outdial", "dnc", "list", "--loud"]) == "no option --loud"
