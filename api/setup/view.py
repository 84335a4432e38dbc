"""What the set-up page shows: fields with their values and choices, rules, dispositions, checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.setup.fields import FIELDS, Field, Kind
from api.setup.parsing import value_of, windows_text
from campaigns.configuration import checked_settings
from campaigns.forms.models import FormRow, FormVersion
from campaigns.lists.models import ContactList
from campaigns.models import CallerId, Campaign, CampaignCallerId, CampaignList, Trunk
from campaigns.scripts.models import ScriptRow
from compliance.hours.windows import WEEKDAYS


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that may be chosen."""

    value: str
    words: str
    is_plain: bool = True  #: a name of the client's own, which is not translated
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field with what it holds."""

    field: Field
    value: str
    choices: Sequence[Choice] = ()
    chosen: frozenset[str] = frozenset()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """A campaign's lists and ways out, as chosen or as the form had them."""

    trunk: str = ""
    caller_id: str = ""
    caller_ids: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    enrolled: frozenset[str] = frozenset()  #: lists that stay


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole page's values."""

    settings: Mapping[str, Any]
    ways: Ways = field(default_factory=Ways)
    problems: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)  #: what was typed, where it is wrong


async def ways_of(session: AsyncSession, campaign: Campaign) -> Ways:
    """Return a campaign's lists and ways out."""
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    own = await session.get(CallerId, campaign.caller_id_id) if campaign.caller_id_id else None
    pool = select(CallerId.e164).join(
        CampaignCallerId, col(CampaignCallerId.caller_id_id) == col(CallerId.id)
    )
    numbers = await session.exec(pool.where(col(CampaignCallerId.campaign_id) == campaign.id))
    taken = select(CampaignList.list_id).where(col(CampaignList.campaign_id) == campaign.id)
    lists = frozenset(str(one) for one in await session.exec(taken))
    return Ways(
        trunk.name if trunk else "", own.e164 if own else "", frozenset(numbers), lists, lists
    )


def complete_settings(campaign: Campaign) -> dict[str, Any]:
    """Return a campaign's settings, with the start values of those it has not stored."""
    return {**checked_settings({}), **campaign.settings}


async def shown_fields(
    session: AsyncSession, sheet: Sheet, *, client_id: UUID, zone: str
) -> list[ShownField]:
    """Return every field of the page with its value and what may be chosen."""
    choices = await _choices(session, client_id, sheet)
    chosen = {"caller_ids": sheet.ways.caller_ids, "lists": sheet.ways.lists}
    ways = {"trunk": sheet.ways.trunk, "caller_id": sheet.ways.caller_id}
    found = []
    for one in FIELDS:
        value = ways.get(one.name)
        if value is None:
            value = sheet.raw.get(one.name) or value_of(one, sheet.settings, zone)
        fixed = [Choice(key, words, is_plain=False) for key, words in (one.choices or {}).items()]
        options = choices.get(one.name, fixed)
        if one.kind is Kind.CHOICE and value and value not in {row.value for row in options}:
            options = [*options, Choice(value, value)]  # it was removed or unpublished since
        found.append(
            ShownField(
                one,
                value,
                options,
                chosen.get(one.name, frozenset()),
                sheet.problems.get(one.name, ""),
            )
        )
    return found


def with_only_choices(fields: list[ShownField]) -> list[ShownField]:
    """Return the fields of a new campaign with what needs no choosing: the only list, the only form."""
    found = []
    for one in fields:
        if len(one.choices) == 1 and one.field.name == "lists" and not one.chosen:
            found.append(replace(one, chosen=frozenset({one.choices[0].value})))
        elif len(one.choices) == 1 and one.field.name == "form" and not one.value:
            found.append(replace(one, value=one.choices[0].value))
        else:
            found.append(one)
    return found


async def _choices(session: AsyncSession, client_id: UUID, sheet: Sheet) -> dict[str, list[Choice]]:
    """Return what can be chosen: what is put away only where the campaign has it already."""
    ways, settings = sheet.ways, sheet.settings
    mine = or_(col(Trunk.client_id).is_(None), col(Trunk.client_id) == client_id)
    in_use = or_(col(Trunk.archived_at).is_(None), col(Trunk.name) == ways.trunk)
    trunks = await session.exec(select(Trunk).where(mine, in_use).order_by(col(Trunk.name)))
    shown = select(CallerId).where(
        col(CallerId.client_id) == client_id, col(CallerId.disabled_at).is_(None)
    )
    callers = (await session.exec(shown.order_by(col(CallerId.e164)))).all()
    numbers = [Choice(row.e164, row.e164, note=row.display_name) for row in callers]
    forms = (
        select(FormRow.code, func.max(FormVersion.number))
        .join(FormVersion, col(FormVersion.form_id) == col(FormRow.id))
        .where(
            col(FormRow.client_id) == client_id,
            or_(col(FormRow.archived_at).is_(None), col(FormRow.code) == settings.get("form")),
            col(FormVersion.published_at).is_not(None),
        )
        .group_by(col(FormRow.code))
        .order_by(col(FormRow.code))
    )
    scripts = select(ScriptRow.code, ScriptRow.name).where(
        col(ScriptRow.client_id) == client_id,
        or_(col(ScriptRow.archived_at).is_(None), col(ScriptRow.code) == settings.get("script")),
    )
    lists = select(ContactList).where(col(ContactList.client_id) == client_id)
    newest = lists.order_by(col(ContactList.id).desc())
    return {
        "trunk": [
            Choice(row.name, row.name, note="simulated" if row.simulated else f"{row.max_channels}")
            for row in trunks
        ],
        "caller_id": numbers,
        "caller_ids": numbers,
        "form": [
            Choice(code, code, note=f"v{number}") for code, number in await session.exec(forms)
        ],
        "script": [Choice(code, name) for code, name in await session.exec(scripts)],
        "lists": [
            Choice(str(row.id), row.name, note=str(row.rows_accepted))
            for row in await session.exec(newest)
            if (row.rows_accepted and not row.archived_at) or str(row.id) in ways.enrolled
        ],
    }


def hours_rows(settings: Mapping[str, Any], raw: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the weekdays with their windows as text."""
    hours = settings.get("hours") or {}
    return [(day, raw.get(f"hours.{day}", windows_text(hours.get(day)))) for day in WEEKDAYS]


def holiday_of(settings: Mapping[str, Any]) -> str:
    """Return what holidays are: as the weekday (""), closed, or with windows of their own (kept)."""
    hours = settings.get("hours") or {}
    if "holiday" not in hours or hours["holiday"] is None:
        return ""
    return "kept" if hours["holiday"] else "closed"
