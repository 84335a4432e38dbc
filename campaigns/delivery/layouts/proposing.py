"""The columns of a campaign's files: all there is, and what a file has unasked; the client's first."""

from collections.abc import Mapping

import msgspec
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.layouts.answers import answer_columns
from campaigns.delivery.layouts.columns import Column, Layout
from campaigns.delivery.layouts.ours import our_columns
from campaigns.delivery.operators import names_operators
from campaigns.delivery.words import ColumnSource
from campaigns.forms.form import Form
from campaigns.forms.models import FormRow, FormVersion
from campaigns.forms.publishing import form_in
from campaigns.lists.models import ContactList
from campaigns.models import Campaign, CampaignList


async def proposed_layout(
    session: AsyncSession, campaign: Campaign, *, language: str = ""
) -> Layout:
    """Return the client's columns under their own names and in their order, then ours, then the answers.

    A column of ours whose name the client has already is called ``outdial_…``; a question whose code is
    taken gets its number behind it. ``language`` is that of the codebook's words.
    """
    own = await own_columns(session, campaign)
    code, versions = await form_versions(session, campaign)
    answers = answer_columns(versions, language) if versions else []
    theirs = [Column(name, ColumnSource.OWN, name) for name in own]
    taken = set(own)
    ours = [
        _renamed(one, f"outdial_{one.name}", taken) for one in our_columns(with_form=bool(code))
    ]
    taken |= {one.name for one in ours}
    said = []
    for one in answers:
        said.append(_renamed(one, f"answer_{one.name}", taken))
        taken.add(said[-1].name)
    return Layout((*theirs, *ours, *said), code)


async def usual_layout(session: AsyncSession, campaign: Campaign) -> Layout:
    """Return the layout when nobody made another: all there is, but no operators' names."""
    proposed = await proposed_layout(session, campaign)
    columns = tuple(one for one in proposed.columns if not names_operators(one))
    return msgspec.structs.replace(proposed, columns=columns)


def _renamed(column: Column, other: str, taken: set[str]) -> Column:
    """Return the column under a name that nobody has; spreadsheets and SPSS do not tell cases apart."""
    folded = {name.casefold() for name in taken}
    if column.name.casefold() not in folded:
        return column
    name, at = other, 2
    while name.casefold() in folded:
        name, at = f"{other}_{at}", at + 1
    return msgspec.structs.replace(column, name=name)


async def own_columns(session: AsyncSession, campaign: Campaign) -> list[str]:
    """Return the columns of the campaign's lists, each once, older lists first."""
    lists = await session.exec(
        select(ContactList.columns)
        .join(CampaignList, col(CampaignList.list_id) == col(ContactList.id))
        .where(
            col(CampaignList.campaign_id) == campaign.id,
            col(ContactList.client_id) == campaign.client_id,
        )
        .order_by(col(ContactList.id))
    )
    return list(dict.fromkeys(name for columns in lists for name in columns))


async def form_versions(
    session: AsyncSession, campaign: Campaign
) -> tuple[str, Mapping[int, Form]]:
    """Return the code of the campaign's form and its published versions by number."""
    code = str(campaign.settings.get("form") or "")
    if not code:
        return "", {}
    found = await session.exec(
        select(FormVersion)
        .join(FormRow, col(FormRow.id) == col(FormVersion.form_id))
        .where(
            col(FormRow.code) == code,
            col(FormVersion.client_id) == campaign.client_id,
            col(FormVersion.published_at).is_not(None),
        )
    )
    versions = {version.number: form_in(version) for version in found}
    return (code, versions) if versions else ("", {})
