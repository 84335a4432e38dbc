"""The documentation against the code: what has a name in one has it in the other."""

import re
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import get_args

import pytest

from campaigns.accounts.factors import Kind
from campaigns.accounts.models import SessionEnd
from campaigns.accounts.permissions import Permission
from campaigns.accounts.sessions import Due
from campaigns.agents.controls import Control
from campaigns.commands import CommandName
from campaigns.delivery.deliveries.words import (
    Change,
    DeliveryReason,
    DeliveryState,
    DisputeReason,
    FileFormat,
    ScheduleKind,
    TargetKind,
)
from campaigns.delivery.deliveries.words import Verdict as DeliveredVerdict
from campaigns.delivery.refresh.changes import Verdict
from campaigns.delivery.words import ColumnKind, ColumnSource, ExportFormat, ExportState
from campaigns.desk.settings import Colour, FieldAccess
from campaigns.filter_words import FIELDS, Op, ValueKind
from campaigns.forms.questions import Correction
from campaigns.forms.words import (
    AnswerRefusal,
    ChangeKind,
    Ending,
    FindingCode,
    NoAnswer,
    RefreshState,
)
from campaigns.law.kinds import consent_kinds
from campaigns.leads import why
from campaigns.leads.recycle import UNDISPOSED
from campaigns.lists.columns.fields import ColumnField, ValueType
from campaigns.lists.reading.limits import USUAL_LIMITS
from campaigns.lists.refusals import ImportWarning
from campaigns.lists.refusals import RefusalReason as RowRefusal
from campaigns.lists.staged.forecasting import PLACE_UNKNOWN, WINDOW_CLOSED
from campaigns.lists.staged.plan import SameBy, Scope, Then
from campaigns.quality.drawing import Mix, Why
from campaigns.quality.models import Decision, NoteKind
from campaigns.quality.presets import Preset
from campaigns.retries import NextCall
from campaigns.scripts.words import ArticleKind, ScriptFinding
from campaigns.selection import DrawOrder, NewOrder
from campaigns.states import CallbackState, CampaignState, ImportState, LeadState, PhoneKind
from campaigns.tenancy.models import Role
from campaigns.wall.words import AlarmCode
from compliance.dnc.formats import DncFormat
from compliance.places.numbering import NumberRefusal
from compliance.places.placement import Confidence, PlacementSource
from compliance.reasons import FINAL, PASSING, RefusalReason
from compliance.rulebook.packs import load_packs
from compliance.rulebook.rules import Channel, DncSemantics, Party, Purpose, RuleKind
from dialer.agent.commands import AgentCommand
from dialer.agent.events import AgentEvent
from dialer.agent.states import AgentState
from dialer.call.commands import CallCommand
from dialer.call.events import CallEvent
from dialer.call.states import CallOutcome, CallState
from dialer.call.talks import Layout, PartEnd, PartKind, Recorder, TalkState
from dialer.jobs import JobName
from dialer.pacing.breaker import BreakerState
from dialer.pacing.policy import PacingMode
from dialer.settings import PROJECT_ROOT
from tests.documents import DOCS, PAGES, code, commands, defined, fault_of, rows, section, words
from workers.dialing.runner import EndReason

#: Words of the glossary by the heading under which they must stand.
SECTIONS: dict[str, tuple[type[StrEnum], ...]] = {
    "A campaign": (CampaignState, PacingMode, EndReason),
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
    "A call": (
        *(CallState, CallOutcome, TalkState, PartKind, PartEnd),
        *(Recorder, Layout, Control),
    ),
    "An export": (ExportFormat, ExportState, ColumnKind, ColumnSource, Verdict),
    "An agent": (AgentState, FieldAccess, Colour),
    "A trunk's breaker": (BreakerState,),
    "A form": (NoAnswer, Ending, AnswerRefusal, FindingCode, ChangeKind, RefreshState, Correction),
    "A script": (ArticleKind, ScriptFinding),
    "A delivery": (
        *(TargetKind, ScheduleKind, FileFormat, DeliveryState, DeliveryReason),
        *(Change, DeliveredVerdict, DisputeReason),
    ),
    "Quality": (NoteKind, Decision, Mix, Why, Preset),
    "Messages and jobs": (CommandName, JobName),
    "Roles": (Role, Permission, Due, SessionEnd, Kind),
    "The wall": (AlarmCode,),
}
MACHINES: dict[str, tuple[UnionType, ...]] = {
    "A call": (CallEvent, CallCommand),
    "An agent": (AgentEvent, AgentCommand),
}


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
    for reason in ("new", "next_number", "live_attempt_elsewhere", "callback"):
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT_ROOT).as_posix())
def test_a_page_shows_only_commands_that_are_there(page: Path) -> None:
    found = {" ".join(call): fault_of(call) for call in commands(page.read_text(encoding="utf-8"))}
    assert not {call: fault for call, fault in found.items() if fault}


def test_commands_are_looked_for() -> None:
    assert len(commands((DOCS / "compliance.md").read_text(encoding="utf-8"))) > 20
    assert fault_of(["outdial", "dnc", "burn"]) == "no command burn"
    assert fault_of(["outdial", "dnc", "list", "--loud"]) == "no option --loud"
