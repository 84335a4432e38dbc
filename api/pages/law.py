"""The law: rules in force with their sources, "may I call?", do-not-call lists, emergencies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import rule_labels
from api.auth import PageIdentityDep, PageSteererDep, Permission, may
from api.deps import OutboxDep, Services, ServicesDep, SessionDep
from api.fragments import is_fragment
from api.languages import language_of
from api.law_questions import Asked, answer_of
from api.law_rows import RuleFilter, RuleRow, countries_of, place_name, rule_rows
from api.templating import problem_words, render
from api.zones import zone_of
from campaigns.law import dnc_lists, emergencies, exemptions, suppressions
from campaigns.tenancy.models import User
from campaigns.tenancy.tokens import Identity
from compliance.dnc.freshness import age_days, is_fresh
from compliance.models import DncList, EmergencySwitch, RuleExemption, Suppression
from compliance.rulebook.packs import RuleBook
from compliance.rulebook.rules import Channel, DncTerms, Purpose, RuleKind
from dialer import phone
from dialer.errors import OutdialError

_REASON_CHARACTERS = 200

router = APIRouter(prefix="/law")


@dataclass(frozen=True, slots=True)
class ShownList:
    """A do-not-call list with its age."""

    row: DncList
    age_days: float
    max_age_days: int | None  #: by its own limit and the rules
    fresh: bool


@dataclass(frozen=True, slots=True)
class ShownExemption:
    """A row that does not bind this client, and who said so."""

    row: RuleExemption
    state: str
    proposed_by: str
    approved_by: str


@router.get("")
async def law_page(
    request: Request,
    who: PageIdentityDep,
    session: SessionDep,
    services: ServicesDep,
    country: Annotated[str, Query(max_length=10)] = "",
    purpose: Annotated[str, Query(max_length=20)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    rule: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Show the rules that fit the filters, and what the client has of lists and exemptions."""
    chosen = RuleFilter.of(country=country, purpose=purpose, kind=kind, rule=rule)
    return await _show(request, who, session, services, chosen=chosen)


@router.post("/check")
async def may_i_call(
    request: Request,
    who: PageIdentityDep,
    session: SessionDep,
    services: ServicesDep,
    asked: Annotated[Asked, Form()],
) -> Response:
    """Answer whether a number may be called, by the law alone.

    A form and no address: numbers must not end up in histories and logs.
    """
    language = language_of(request)
    facts: dict[str, Any] = {"asked": asked, "answer": None, "question_problem": ""}
    code = HTTPStatus.OK
    try:
        facts["answer"] = answer_of(services.law, asked, zone_of(request), services.clock.now())
    except OutdialError as problem:
        facts["question_problem"] = problem_words(language, problem)
        code = HTTPStatus.UNPROCESSABLE_ENTITY
    if is_fragment(request):
        # htmx swaps only what worked; the sentence in the fragment says what did not.
        return render(request, "law/_answer.html", **facts)
    return await _show(request, who, session, services, http_code=code, **facts)


@router.post("/suppressions")
async def suppress(
    request: Request,
    who: PageSteererDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
    number: Annotated[str, Form(max_length=100)] = "",
    reason: Annotated[str, Form(max_length=_REASON_CHARACTERS)] = "",
) -> Response:
    """Put a number on the client's do-not-call list; a call that rings there is cancelled."""
    try:
        e164 = phone.parse(number, "ZZ").e164
    except OutdialError as problem:
        said = problem_words(language_of(request), problem)
        return await _show(
            request,
            who,
            session,
            services,
            http_code=HTTPStatus.UNPROCESSABLE_ENTITY,
            number_problem=said,
            number=number,
        )
    done = await suppressions.suppress(
        session,
        client_id=who.client_id,
        e164s=[e164],
        reason=reason.strip() or "do_not_call",
        source="page",
        user_id=who.user_id,
        clock=services.clock,
    )
    outbox.cancel(done.live_calls)
    return await _show(request, who, session, services, suppressed=done)


async def _show(
    request: Request,
    who: Identity,
    session: AsyncSession,
    services: Services,
    *,
    http_code: HTTPStatus = HTTPStatus.OK,
    chosen: RuleFilter | None = None,
    **facts: Any,
) -> Response:
    chosen = chosen or RuleFilter()
    language, book, now = language_of(request), services.law.book, services.clock.now()
    exempt = await _exemptions(session, who)
    in_force = {one.row.rule_id for one in exempt if one.state == "in_force"}
    rows: Sequence[RuleRow] = rule_rows(book, chosen, language, now.date(), in_force)
    context: dict[str, Any] = {
        "asked": Asked(),
        "answer": None,
        "question_problem": "",
        "number_problem": "",
        "number": "",
        "suppressed": None,
        **facts,
    }
    return render(
        request,
        "law/page.html",
        http_code=http_code,
        path="/law",
        who=who,
        steers=may(who, Permission.STEER),
        words=rule_labels,
        chosen=chosen,
        rows=rows,
        countries=countries_of(book, language),
        purposes=tuple(Purpose),
        kinds=tuple(RuleKind),
        channels=tuple(Channel),
        lists=await _lists(session, who, services.law.book, now),
        exemptions=exempt,
        switches=await _switches(session, services, language),
        own_numbers=await _own_numbers(session, who),
        book=book,
        now=now,
        **context,
    )


async def _lists(
    session: AsyncSession, who: Identity, book: RuleBook, now: datetime
) -> list[ShownList]:
    shown = []
    for row in await dnc_lists.find_lists(session, client_id=who.client_id):
        limits = [row.max_age_days, *_most_days(book, row.code)]
        most = min((days for days in limits if days is not None), default=None)
        age, fresh = age_days(row.obtained_at, now), is_fresh(row.obtained_at, most, now)
        shown.append(ShownList(row, age, most, fresh))
    return shown


def _most_days(book: RuleBook, code: str) -> list[int | None]:
    """Return how old the rules let a list be."""
    terms = [rule.terms for rule in book.rules if not rule.is_bill]
    return [
        one.max_age_days for one in terms if isinstance(one, DncTerms) and one.list_code == code
    ]


async def _own_numbers(session: AsyncSession, who: Identity) -> int:
    mine = select(func.count()).where(col(Suppression.client_id) == who.client_id)
    return (await session.exec(mine)).one()


async def _exemptions(session: AsyncSession, who: Identity) -> list[ShownExemption]:
    shown = []
    for row in await exemptions.find(session, client_id=who.client_id):
        proposer = await session.get(User, row.proposed_by)
        approver = await session.get(User, row.approved_by) if row.approved_by else None
        shown.append(
            ShownExemption(
                row,
                exemptions.state_of(row),
                proposer.login if proposer else "",
                approver.login if approver else "",
            )
        )
    return shown


async def _switches(
    session: AsyncSession, services: Services, language: str
) -> list[tuple[str, str, EmergencySwitch | None]]:
    """Return each switch with the place it is about, and its state if it was ever turned."""
    turned = {row.switch: row for row in await emergencies.find(session)}
    known = emergencies.switches(services.law.book)
    return [
        (switch, place_name(rule.jurisdiction, language), turned.get(switch))
        for switch, rule in sorted(known.items())
    ]
