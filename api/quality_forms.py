"""Forms of quality's pages, read: the questions of a scorecard, the answers to them."""

from typing import Any

from starlette.datastructures import FormData

from campaigns.quality.scorecard import Item, Sheet, SheetWrong, sheet_of

#: What a field of an answer begins with; the item's code follows.
ANSWER = "answer."
NOT_APPLIED = "na"
#: Empty rows at the end of the editor.
NEW_ROWS = 3


def answers_of(form: FormData, sheet: Sheet) -> dict[str, int | None]:
    """Return the answers that were given; a question without one is left out."""
    answers: dict[str, int | None] = {}
    for item in sheet.items:
        said = str(form.get(f"{ANSWER}{item.code}", ""))
        if said == NOT_APPLIED:
            answers[item.code] = None
        elif said.isdecimal():
            answers[item.code] = int(said[:3])
    return answers


def sheet_from(form: FormData) -> Sheet:
    """Return the sheet a form describes: a row without words is no question.

    Raises:
        SheetWrong: it breaks a rule of sheets.
    """
    columns = [map(str, form.getlist(name)) for name in ("code", "text", "weight", "points")]
    rows = zip(*columns, strict=False)
    ticked = {name: set(map(str, form.getlist(name))) for name in ("critical", "may_not_apply")}
    items: list[dict[str, Any]] = []
    codes = {str(one) for one in form.getlist("code")}
    for place, (code, text, weight, points) in enumerate(rows):
        if not text.strip():
            continue
        if not code:
            code = next(name for n in range(1, 1_000) if (name := f"q{n}") not in codes)
            codes.add(code)
        critical = str(place) in ticked["critical"]
        items.append(
            {
                "code": code,
                "text": " ".join(text.split()),
                "weight": _number(weight),
                "points": 1 if critical else _number(points),
                "critical": critical,
                "may_not_apply": str(place) in ticked["may_not_apply"],
            }
        )
    return sheet_of({"items": items, "pass_percent": _number(str(form.get("pass_percent", "")))})


def _number(words: str) -> int:
    if not words.strip().isdecimal():
        raise SheetWrong("Weights, points and the limit are whole numbers.")
    return int(words)


def empty_rows(sheet: Sheet) -> list[Item | None]:
    """Return the rows of the editor: the questions, and some empty ones."""
    return [*sheet.items, *[None] * NEW_ROWS]
