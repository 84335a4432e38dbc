"""The funnel: how far contacts came, and why the others did not come further."""

from collections.abc import Sequence

from api.charts.picture import Cell, Key, Line, Picture, Sayer, both, nothing
from api.charts.words import ABOUT_STAGES, STAGES, left_words
from api.labels import mark
from campaigns.charts.bars import Bar, bars
from campaigns.reports.funnel import MEASURE_OF, Left, Stage, Step

TITLE = mark("From the list to the result")
_EMPTY = mark("There are no contacts here: add a contact list to the campaign, or choose another.")
_SAYS = mark("%(stage)s: %(contacts)s contacts, %(share)s of the stage before; %(calls)s calls")
_LEFT = mark("Left here: %(count)s. %(reasons)s")
_SUMMARY = mark("Of %(listed)s contacts %(dialled)s were dialled and %(result)s came to a result.")
_LOSS = mark("Most are lost after “%(stage)s”: %(count)s contacts.")
_NOTE = mark(
    "Bars count contacts, each once. The figures of calls open these calls; a contact may have several."
)
_MOST_REASONS = 3


def funnel_picture(steps: Sequence[Step], sayer: Sayer) -> Picture:
    """Return the funnel of the stages."""
    title = sayer(TITLE)
    if not steps[0].contacts:
        return nothing(title, sayer(_EMPTY))
    rows = [_bar(steps, n, sayer) for n in range(len(steps))]
    wide, narrow = both(lambda width: bars(title, rows, width=width))
    lines: list[Line] = []
    for n, step in enumerate(steps):
        lines.append(_stage_line(steps, n, sayer))
        lines += [_left_line(step, one, sayer) for one in step.left]
    return Picture(
        title=title,
        summary=_summary(steps, sayer),
        wide=wide,
        narrow=narrow,
        headings=(
            sayer(mark("Stage, and below it where people leave")),
            *(sayer(one) for one in (mark("Contacts"), mark("Share"), mark("Calls"))),
        ),
        lines=tuple(lines),
        legend=tuple(Key("", f"{sayer(STAGES[one])}: {sayer(ABOUT_STAGES[one])}") for one in Stage),
        notes=(sayer(_NOTE),),
        measures=sayer.defined(*dict.fromkeys(MEASURE_OF.values())),
        open=True,
    )


def _before(steps: Sequence[Step], n: int) -> int:
    return steps[max(n - 1, 0)].contacts


def _bar(steps: Sequence[Step], n: int, sayer: Sayer) -> Bar:
    step, name = steps[n], sayer(STAGES[steps[n].stage])
    contacts, share = sayer.count(step.contacts), sayer.share(step.contacts, _before(steps, n))
    says = sayer(_SAYS, stage=name, contacts=contacts, share=share, calls=sayer.count(step.calls))
    figure = f"{contacts} · {share}" if n else contacts
    return Bar(name, step.contacts, figure, says, _behind(step, sayer), _note(step, sayer))


def _note(step: Step, sayer: Sayer) -> str:
    count = sum(one.contacts for one in step.left)
    if not count:
        return ""
    most = step.left[:_MOST_REASONS]
    reasons = ", ".join(
        f"{sayer(left_words(step.stage, one.reason))} {sayer.count(one.contacts)}" for one in most
    )
    return sayer(_LEFT, count=sayer.count(count), reasons=reasons)


def _behind(step: Step, sayer: Sayer) -> str:
    return sayer.calls(MEASURE_OF[step.stage], step.filters) if step.calls else ""


def _stage_line(steps: Sequence[Step], n: int, sayer: Sayer) -> Line:
    step = steps[n]
    cells = (
        Cell(sayer.count(step.contacts)),
        Cell(sayer.share(step.contacts, _before(steps, n))),
        Cell(sayer.count(step.calls), _behind(step, sayer)) if n else Cell("–"),
    )
    return Line((sayer(STAGES[step.stage]),), cells)


def _left_line(step: Step, left: Left, sayer: Sayer) -> Line:
    href = sayer.calls(MEASURE_OF[step.stage], left.filters) if left.calls else ""
    cells = (
        Cell(sayer.count(left.contacts)),
        Cell(sayer.share(left.contacts, step.contacts)),
        Cell(sayer.count(left.calls), href) if left.filters else Cell("–"),
    )
    return Line((f"↳ {sayer(left_words(step.stage, left.reason))}",), cells, part=True)


def _summary(steps: Sequence[Step], sayer: Sayer) -> tuple[str, ...]:
    said = sayer(
        _SUMMARY,
        listed=sayer.count(steps[0].contacts),
        dialled=sayer.count(steps[1].contacts),
        result=sayer.count(steps[-1].contacts),
    )
    losses = [(sum(one.contacts for one in step.left), step) for step in steps[1:-1]]
    count, worst = max(losses, key=lambda one: one[0])
    if not count:
        return (said,)
    return (said, sayer(_LOSS, stage=sayer(STAGES[worst.stage]), count=sayer.count(count)))
