"""Quotas: how full each is, and when it will be full at the pace so far."""

from collections.abc import Sequence
from urllib.parse import urlencode

from babel.dates import format_date

from api.charts.picture import Cell, Key, Line, Picture, Sayer, both, nothing
from api.labels import mark
from campaigns.charts.bars import Bar, bars
from campaigns.reports.quota_progress import QuotaProgress

TITLE = mark("Quotas: how full they are, and when they will be")
_EMPTY = mark(
    "No campaign here has quotas. Set them in a campaign's settings, or choose another campaign."
)
_FIGURE = mark("%(reached)s of %(target)s · %(share)s")
_SAYS = mark("%(campaign)s, %(name)s: %(reached)s of %(target)s, %(share)s; %(forecast)s")
_FULL = mark("full")
_SOON = mark("full on %(day)s at the pace of the last seven days")
_UNKNOWN = mark("no pace is known yet")
_SUMMARY = mark("%(full)s of %(all)s quotas are full.")
_LAST = mark("The last one to be full at this pace: %(name)s, on %(day)s.")
_NOTE = mark("A bar opens the calls that fill it. Quotas count from the campaign's beginning.")
_LINE = mark("The target")


def quota_picture(quotas: Sequence[QuotaProgress], sayer: Sayer) -> Picture:
    """Return a bar for each quota."""
    title = sayer(TITLE)
    if not quotas:
        return nothing(title, sayer(_EMPTY))
    rows = [_bar(one, sayer) for one in quotas]
    wide, narrow = both(lambda width: bars(title, rows, width=width))
    words = (
        *(mark("Campaign"), mark("Quota"), mark("Target"), mark("Reached")),
        *(mark("Share"), mark("Forecast")),
    )
    return Picture(
        title=title,
        summary=_summary(quotas, sayer),
        wide=wide,
        narrow=narrow,
        headings=tuple(sayer(one) for one in words),
        lines=tuple(_line(one, sayer) for one in quotas),
        legend=(Key("target", sayer(_LINE)),),
        notes=(sayer(_NOTE),),
    )


def _day(one: QuotaProgress, sayer: Sayer) -> str:
    return str(format_date(one.full_on, "long", locale=sayer.teller.locale)) if one.full_on else ""


def _forecast(one: QuotaProgress, sayer: Sayer) -> str:
    if one.reached >= one.target:
        return sayer(_FULL)
    return sayer(_SOON, day=_day(one, sayer)) if one.full_on else sayer(_UNKNOWN)


def _behind(one: QuotaProgress) -> str:
    if not one.reached:
        return ""
    asked = {"campaign_id": str(one.campaign_id), "number": one.number}
    return f"/reports/quota-calls?{urlencode(asked)}"


def _bar(one: QuotaProgress, sayer: Sayer) -> Bar:
    said = {
        "reached": sayer.count(one.reached),
        "target": sayer.count(one.target),
        "share": sayer.share(one.reached, one.target, "#,##0%"),
    }
    forecast = _forecast(one, sayer)
    return Bar(
        name=one.name,
        value=one.reached,
        text=sayer(_FIGURE, **said),
        says=sayer(_SAYS, campaign=one.campaign, name=one.name, forecast=forecast, **said),
        href=_behind(one),
        note=f"{one.campaign} · {forecast}",
        look="fill full" if one.reached >= one.target else "fill",
        mark=one.target if one.reached > one.target else None,
        whole=max(one.target, one.reached),
    )


def _line(one: QuotaProgress, sayer: Sayer) -> Line:
    cells = (
        Cell(sayer.count(one.target)),
        Cell(sayer.count(one.reached), _behind(one)),
        Cell(sayer.share(one.reached, one.target, "#,##0%")),
        Cell(_forecast(one, sayer)),
    )
    return Line((one.campaign, one.name), cells)


def _summary(quotas: Sequence[QuotaProgress], sayer: Sayer) -> tuple[str, ...]:
    full = sum(1 for one in quotas if one.reached >= one.target)
    said = [sayer(_SUMMARY, full=sayer.count(full), all=sayer.count(len(quotas)))]
    due = [one for one in quotas if one.full_on is not None]
    if due:
        last = max(due, key=lambda one: (one.full_on is not None and one.full_on, one.name))
        said.append(sayer(_LAST, name=last.name, day=_day(last, sayer)))
    return tuple(said)
