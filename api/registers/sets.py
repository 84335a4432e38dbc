"""The pages of shared sets, both kinds: a list, an editor, and the campaigns that get a copy."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi.responses import Response
from starlette.datastructures import FormData

from api.auth import Permission, may
from api.labels import mark
from api.languages import language_of
from api.pages.lists import campaigns_of
from api.registers.desk import Asked, AskedToChange
from api.registers.putting import put, ticked
from api.registers.set_sheets import SHEETS
from api.registers.sheet import Line, Mark, Typed, draw, draw_one, rows_of, with_choices
from api.setup import words as setup_words
from api.setup.doing import preset_lines
from api.setup.rules import NEW_ROWS, BadTable, lines_of, rule_rows, rules_of
from campaigns.registers import sets
from campaigns.registers.finding import Wanted, find_row
from campaigns.registers.models import SetKind, SharedSet
from campaigns.registers.wishes import BadFields
from campaigns.setup.presets import PRESETS, PresetCode
from dialer.errors import Conflict, Invalid, OutdialError


def _line(asked: Asked, row: SharedSet) -> Line:
    marks = [Mark(mark("put away"), "stopped")] if row.archived_at else []
    if row.kind is SetKind.DISPOSITIONS:
        lines = sets.lines_in(row)
        under = ", ".join(one.label for one in lines[:6]) + (" …" if len(lines) > 6 else "")
        note = asked.say(mark("%(count)s dispositions"), count=len(lines))
    else:
        rules = sets.rules_in(row)
        under = asked.say(mark("up to %(most)s attempts"), most=_most(rules)) if rules else ""
        note = asked.say(mark("%(count)s outcomes are called again"), count=len(rules))
    return Line(row.id, row.name, under, marks, note, is_away=row.archived_at is not None)


def _most(rules: dict[str, Any]) -> int:
    return max(int(rule["max_attempts"]) for rule in rules.values())


async def show_sets(
    asked: Asked,
    kind: SetKind,
    wanted: Wanted,
    problem: OutdialError | None = None,
    typed: Typed | None = None,
) -> Response:
    """Return the list of the client's sets of a kind."""
    campaigns = await campaigns_of(asked.session, asked.who.client_id)
    presets = [
        (f"preset:{code.value}", asked.say(setup_words.PRESETS[code][0])) for code in PRESETS
    ]
    named = [(f"campaign:{one.id}", one.name) for one in campaigns]
    sheet = with_choices(SHEETS[kind], "source", [*presets, *named])
    found = await rows_of(asked, sheet, wanted)
    return draw(
        asked,
        sheet,
        found,
        [_line(asked, row) for row in found.rows],
        wanted,
        can_change=may(asked.who, Permission.CHANGE),
        flash=await asked.flash(),
        problem=problem,
        typed=typed,
    )


async def make(asked: AskedToChange, kind: SetKind) -> Response:
    """Make a set of what was chosen, and lead to it."""
    given, _ = await asked.form()
    try:
        content = await _content(asked, kind, given.get("source", ""))
        row = await sets.make_set(
            asked.session,
            kind,
            given.get("name", ""),
            content,
            who=asked.who,
            clock=asked.services.clock,
        )
    except BadFields as wrong:
        return await show_sets(asked, kind, Wanted(), wrong, Typed(given, wrong.problems))
    return asked.back(f"{SHEETS[kind].path}/{row.id}", "created")


async def _content(asked: Asked, kind: SetKind, source: str) -> dict[str, Any]:
    what, _, name = source.partition(":")
    if what == "campaign":
        try:
            campaign_id = UUID(name)
        except ValueError:
            raise BadFields({"source": "This is needed."}) from None
        return await sets.content_of_campaign(
            asked.session, kind, campaign_id, client_id=asked.who.client_id
        )
    if name not in set(PresetCode):
        raise BadFields({"source": "This is needed."})
    preset = PRESETS[PresetCode(name)]
    if kind is SetKind.RETRIES:
        return sets.of_rules(preset.settings["retry"])
    return sets.of_lines(preset_lines(preset, language_of(asked.request)))


async def change_chosen(asked: AskedToChange, kind: SetKind, action: str) -> Response:
    """Put the ticked sets away, or bring them back."""
    given, ids = await asked.form()
    sheet = SHEETS[kind]
    try:
        done = await put(asked, sheet.register, ids, action)
    except (Conflict, Invalid) as problem:
        return await show_sets(asked, kind, Wanted(), problem)
    here = f"{sheet.path}/{ids[0]}" if given.get("here") else sheet.path
    return asked.back(here, "" if done.step else "nothing", done)


async def show_set(
    asked: Asked,
    kind: SetKind,
    set_id: UUID,
    problem: OutdialError | None = None,
    typed: Typed | None = None,
) -> Response:
    """Return the editor of one set, and the campaigns it can be given to."""
    sheet = SHEETS[kind]
    row = await find_row(asked.session, sheet.register, set_id, asked.who.client_id)
    tables: dict[str, Any] = {"lines": [], "rules": []}
    if kind is SetKind.DISPOSITIONS:
        tables["lines"] = sets.lines_in(row)
    else:
        tables["rules"] = rule_rows({"retry": sets.rules_in(row)})
    return draw_one(
        asked,
        sheet,
        _line(asked, row),
        typed or Typed({"name": row.name}),
        can_change=may(asked.who, Permission.CHANGE),
        flash=await asked.flash(),
        problem=problem,
        template="registers/set.html",
        kind=kind.value,
        used=frozenset[str](),
        new_rows=NEW_ROWS,
        words=setup_words,
        campaigns=await campaigns_of(asked.session, asked.who.client_id),
        table_action=f"{sheet.path}/{row.id}/table",
        **tables,
    )


async def rename(asked: AskedToChange, kind: SetKind, set_id: UUID) -> Response:
    """Give a set another name."""
    given, _ = await asked.form()
    sheet = SHEETS[kind]
    row = await find_row(asked.session, sheet.register, set_id, asked.who.client_id)
    try:
        done = await sets.change_set(
            asked.session,
            row,
            name=given.get("name", ""),
            who=asked.who,
            clock=asked.services.clock,
        )
    except BadFields as wrong:
        await asked.session.rollback()
        return await show_set(asked, kind, set_id, wrong, Typed(given, wrong.problems))
    return asked.back(f"{sheet.path}/{set_id}", "" if done.step else "nothing", done)


async def save_table(asked: AskedToChange, kind: SetKind, set_id: UUID) -> Response:
    """Save a set's table."""
    form = await asked.request.form()
    sheet = SHEETS[kind]
    row = await find_row(asked.session, sheet.register, set_id, asked.who.client_id)
    try:
        done = await sets.change_set(
            asked.session,
            row,
            content=_table(form, row),
            who=asked.who,
            clock=asked.services.clock,
        )
    except BadTable as wrong:
        return await show_set(asked, kind, set_id, Invalid(asked.say(str(wrong))))
    except Invalid as wrong:
        return await show_set(asked, kind, set_id, wrong)
    return asked.back(f"{sheet.path}/{set_id}", "" if done.step else "nothing", done)


def _table(form: FormData, row: SharedSet) -> dict[str, Any]:
    if row.kind is SetKind.DISPOSITIONS:
        return sets.of_lines(lines_of(form, sets.lines_in(row)))
    return sets.of_rules(rules_of(form, {"retry": sets.rules_in(row)}))


async def give(asked: AskedToChange, kind: SetKind, set_id: UUID) -> Response:
    """Give the ticked campaigns a copy of the set."""
    _, ids = await asked.form()
    sheet = SHEETS[kind]
    row = await find_row(asked.session, sheet.register, set_id, asked.who.client_id)
    try:
        done = await sets.give(
            asked.session, row, _campaigns(ids), who=asked.who, clock=asked.services.clock
        )
    except (Conflict, Invalid) as problem:
        await asked.session.rollback()
        return await show_set(asked, kind, set_id, problem)
    return asked.back(f"{sheet.path}/{set_id}", "given", done)


def _campaigns(ids: Sequence[UUID]) -> Sequence[UUID]:
    return ticked(ids)
