"""The forms of saved reports: from fields of a page, or of an address, to a definition and a schedule."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from api.report_asking import read_filters
from campaigns.reports.asking import MOST_DIMENSIONS
from campaigns.reports.dimensions import Dimension
from campaigns.reports.periods import Usual
from campaigns.saved_reports.definition import MOST_MEASURES, Definition
from campaigns.saved_reports.scheduling import ScheduleIn
from dialer.errors import Invalid

Pairs = Sequence[tuple[str, str]]


class ScheduleWrong(Invalid):
    """A field of the schedule cannot be used."""

    code = "schedule_wrong"
    message = "This schedule cannot be used."


async def sent_pairs(request: Request) -> Pairs:
    """Return the fields of a form, each as often as it was sent."""
    async with request.form(max_files=0, max_fields=1000) as form:
        return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def first_of(pairs: Pairs, name: str, default: str = "") -> str:
    """Return the first value of a field."""
    return next((value for one, value in pairs if one == name), default)


def all_of(pairs: Pairs, name: str) -> list[str]:
    """Return all values of a field that are not empty."""
    return [value for one, value in pairs if one == name and value]


def definition_in(pairs: Pairs) -> Definition:
    """Return the definition that fields tell of; what cannot be read is left open."""
    period = first_of(pairs, "period", Usual.DAYS_30.value)
    known = {one.value for one in Dimension}
    by = [one for one in all_of(pairs, "by") if one in known][:MOST_DIMENSIONS]
    asked = any(name == "measures" for name, _ in pairs)
    return Definition(
        measures=tuple(all_of(pairs, "measures")[:MOST_MEASURES]),
        dimensions=tuple(Dimension(one) for one in dict.fromkeys(by)),
        filters=read_filters(pairs),
        period=Usual(period) if period in set(Usual) else None,
        first=_day(first_of(pairs, "first")),
        last=_day(first_of(pairs, "last")),
        sort=first_of(pairs, "sort")[:60],
        rising=first_of(pairs, "rising") == "1",
        with_before=first_of(pairs, "with_before") == "1" or not asked,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(2200, 1, 1) else None


def schedule_in(pairs: Pairs) -> ScheduleIn:
    """Return the schedule that a form tells of.

    Raises:
        ScheduleWrong: a field is wrong; says which.
    """
    hours, _, minutes = (first_of(pairs, "at") or "08:00").partition(":")
    is_time = hours.isdecimal() and minutes[:2].isdecimal()
    plain = ("rhythm", "zone", "weekday", "month_day", "carries", "link_days")
    given: dict[str, Any] = {name: first_of(pairs, name).strip() for name in plain}
    given = {name: value for name, value in given.items() if value}
    given["at_minute"] = int(hours) * 60 + int(minutes[:2]) if is_time else -1
    given["formats"] = all_of(pairs, "formats")
    given["recipients"] = first_of(pairs, "recipients").replace(",", " ").replace(";", " ").split()
    try:
        return ScheduleIn.model_validate(given)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in wrong["loc"])
        raise ScheduleWrong(field=place, said=str(wrong["msg"])) from error
