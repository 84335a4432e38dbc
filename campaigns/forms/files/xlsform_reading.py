"""XLSForm -> form. Everything that is wrong is told with its sheet and row; nothing is half done."""

import re
from dataclasses import dataclass, field
from typing import Any

from campaigns.forms.expressions.nodes import Node, Reference
from campaigns.forms.expressions.writing import write
from campaigns.forms.files.faults import Fault, UnreadableForm
from campaigns.forms.files.xlsform_expressions import Untold, from_xpath
from campaigns.forms.files.xlsform_limits import take_limits
from campaigns.forms.files.xlsform_making import Made, made_form
from campaigns.forms.files.xlsform_sheets import SheetRow, read_sheets
from campaigns.forms.files.xlsform_types import DECIMAL_PLACES
from campaigns.forms.form import Form
from campaigns.forms.texts import Text

#: Rows that collect what Outdial records by itself.
_IGNORED = frozenset(
    {"start", "end", "today", "deviceid", "username", "phonenumber", "audit", "simserial"}
    | {"subscriberid", "email", "start-geopoint"}
)
_CHOOSING = {"select_one": "single", "select_multiple": "multiple", "rank": "ranking"}
_PLAIN = {
    "integer": "number",
    "decimal": "number",
    "date": "date",
    "text": "text",
    "range": "scale",
}
_SLOT = re.compile(r"\$\{\s*([\w.-]+)\s*\}")


@dataclass(slots=True)
class _Reader:
    choices: dict[str, list[SheetRow]]
    faults: list[Fault] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    sections: list[dict[str, Any]] = field(default_factory=list)
    names: dict[str, Reference] = field(default_factory=dict)
    sets: set[str] = field(default_factory=set)  #: codes of which several options can be chosen
    rows: dict[str, SheetRow] = field(default_factory=dict)
    groups: list[tuple[SheetRow, str]] = field(default_factory=list)  #: open ones, with conditions
    matrix: dict[str, Any] | None = None
    pending: list[tuple[dict[str, Any], SheetRow]] = field(default_factory=list)

    def wrong(self, row: SheetRow, sentence: str) -> None:
        self.faults.append(row.fault(sentence))

    def section(self, row: SheetRow, code: str) -> dict[str, Any]:
        made: dict[str, Any] = {"code": code, "questions": []}
        self.sections.append(made)
        self.rows.setdefault(code, row)
        return made


def read_xlsform(content: bytes, file_name: str = "form.xlsx") -> Form:
    """Return the form that a workbook says.

    Raises:
        UnreadableForm: it is no XLSForm, or asks what Outdial cannot; each fault has its sheet and row.
    """
    sheets = read_sheets(content, file_name)
    missing = [name for name in ("survey",) if not sheets.get(name)]
    if missing:
        names = ", ".join(sheets) or "none"
        raise UnreadableForm([Fault("", f"There is no sheet `survey` with rows; sheets: {names}.")])
    reader = _Reader(_choices(sheets.get("choices", [])))
    for row in sheets["survey"]:
        _survey_row(reader, row)
    for row, _ in reader.groups:
        reader.wrong(row, "The group is not ended: end_group is missing.")
    _conditions(reader)
    settings = next(iter(sheets.get("settings", [])), SheetRow("settings", 2, {}))
    made = Made(reader.sections, reader.fields, reader.rows, reader.faults)
    return made_form(made, settings)


def _choices(rows: list[SheetRow]) -> dict[str, list[SheetRow]]:
    found: dict[str, list[SheetRow]] = {}
    for row in rows:
        found.setdefault(row.get("list_name") or row.get("list name"), []).append(row)
    return found


def _survey_row(reader: _Reader, row: SheetRow) -> None:
    word, _, rest = row.get("type").replace(" group", "_group").partition(" ")
    name = row.get("name")
    if word in _IGNORED or word == "":
        if word == "" and name:
            reader.wrong(row, "The type is missing.")
        return
    if word == "hidden" and name.startswith("contact_"):
        reader.fields.append(name.removeprefix("contact_"))
        reader.names[name] = Reference(name.removeprefix("contact_"), contact=True)
        return
    if word in ("begin_group", "end_group"):
        _group(reader, row, word)
        return
    question = _question(reader, row, word, rest.strip())
    if question is None:
        return
    if reader.matrix is not None:
        _matrix_row(reader, row, question)
        return
    if not reader.groups and (not reader.sections or reader.sections[-1].get("closed")):
        reader.section(row, f"section{len(reader.sections) + 1}")
    reader.sections[-1]["questions"].append(question)
    _named(reader, row, name, question)


def _named(reader: _Reader, row: SheetRow, name: str, question: dict[str, Any]) -> None:
    if name in reader.names:
        reader.wrong(row, f"The name {name} is there twice.")
    reader.names[name] = Reference(name)
    reader.rows[name] = row
    if question["type"] in ("multiple", "ranking"):
        reader.sets.add(name)
    reader.pending.append((question, row))


def _group(reader: _Reader, row: SheetRow, word: str) -> None:
    name = row.get("name")
    if word == "end_group":
        if reader.matrix is not None:
            reader.matrix = None
        elif reader.groups:
            reader.groups.pop()
            if not reader.groups:
                reader.sections[-1]["closed"] = True
        else:
            reader.wrong(row, "There is no group to end.")
        return
    if "table-list" in row.get("appearance"):
        reader.matrix = {"code": name, "type": "matrix", "rows": [], "options": []}
        reader.matrix |= {"text": _text(reader, row, "label"), "required": False}
        reader.sections or reader.section(row, "section1")  # a matrix outside of any group
        reader.sections[-1]["questions"].append(reader.matrix)
        _named(reader, row, name, reader.matrix)
        return
    if reader.groups:
        reader.wrong(
            row, "Groups within groups are not read: put the inner one behind the outer one."
        )
        return
    section = reader.section(row, name or f"section{len(reader.sections) + 1}")
    section["title"] = _text(reader, row, "label")
    reader.groups.append((row, row.get("relevant")))
    reader.pending.append((section, row))


def _matrix_row(reader: _Reader, row: SheetRow, question: dict[str, Any]) -> None:
    matrix = reader.matrix
    if matrix is None or question["type"] != "single":
        reader.wrong(row, "A table-list group takes rows of select_one only.")
        return
    name = row.get("name")
    code = name.removeprefix(f"{matrix['code']}_")
    matrix["rows"].append({"code": code, "text": question["text"]})
    matrix["options"] = question["options"]
    matrix["required"] = question["required"]
    reader.names[name] = Reference(matrix["code"], code)


def _question(reader: _Reader, row: SheetRow, word: str, rest: str) -> dict[str, Any] | None:
    made: dict[str, Any] = {"code": row.get("name")}
    if not row.get("name"):
        reader.wrong(row, "The name is missing.")
    made |= {"text": _text(reader, row, "label"), "hint": _text(reader, row, "hint")}
    if word == "note":
        media = {"image": row.get("media::image"), "audio": row.get("media::audio")}
        shown = any(media.values())
        return made | ({"type": "prompt", **media} if shown else {"type": "note"})
    if word == "calculate":
        return made | {"type": "calculated"}
    made["required"] = row.get("required").lower() in ("yes", "true", "true()", "1")
    made["valid_message"] = _text(reader, row, "constraint_message")
    made["default"] = _SLOT.sub(lambda found: _slot(reader, row, found), row.get("default"))
    if word in _CHOOSING:
        return made | {"type": _CHOOSING[word], **_options(reader, row, rest)}
    if word in _PLAIN:
        return made | {"type": _PLAIN[word], **_details(reader, row, word)}
    known = ", ".join(sorted([*_CHOOSING, *_PLAIN, "note", "calculate"]))
    reader.wrong(row, f"The type {word} is not read. Known are: {known}.")
    return None


def _options(reader: _Reader, row: SheetRow, rest: str) -> dict[str, Any]:
    name, _, or_other = rest.partition(" ")
    listed = reader.choices.get(name)
    if not listed:
        reader.wrong(row, f"The sheet `choices` has no list {name or '(no name)'}.")
        return {"options": [{"code": "none", "text": "none"}]}
    options = [
        {"code": choice.get("name"), "text": _text(reader, choice, "label")} for choice in listed
    ]
    if or_other.strip() == "or_other":
        options.append({"code": "other", "text": Text.read("Other"), "other": True})
    return {"options": options, "rotate": "randomize=true" in row.get("parameters").lower()}


def _details(reader: _Reader, row: SheetRow, word: str) -> dict[str, Any]:
    if word == "decimal":
        return {"places": DECIMAL_PLACES}
    if word == "text" and "multiline" in row.get("appearance"):
        return {"lines": 5}
    if word != "range":
        return {}
    said = dict(re.findall(r"(start|end|step)\s*=\s*(-?\d+)(?![.\d])", row.get("parameters")))
    if set(said) - {"step"} != {"start", "end"} or said.get("step", "1") != "1":
        reader.wrong(row, "A range needs parameters start, end (whole numbers) and step=1.")
    return {"first": said.get("start", 1), "last": said.get("end", 5)}


def _text(reader: _Reader, row: SheetRow, column: str) -> Text:
    said = row.text(column).by_language
    return Text(
        tuple(
            (language, _SLOT.sub(lambda found: _slot(reader, row, found), text))
            for language, text in said
        )
    )


def _slot(reader: _Reader, row: SheetRow, found: re.Match[str]) -> str:
    target = reader.names.get(found[1])
    if target is None:
        reader.wrong(row, f"{found[0]} is no earlier question.")
        return ""
    return "{{ " + (target.path() if target.contact else f"answers.{target.path()}") + " }}"


def _conditions(reader: _Reader) -> None:
    for made, row in reader.pending:
        kind = made.get("type", "section")
        for column, place in (("relevant", "show_if"), ("calculation", "expression")):
            if column == "relevant" or kind == "calculated":
                made[place] = _condition(reader, row, column)
        if row.get("constraint") and kind not in ("section", "note", "prompt", "calculated"):
            rest = take_limits(made, _nodes(reader, row, "constraint"))
            made["valid_if"] = write(rest) if rest is not None else ""


def _condition(reader: _Reader, row: SheetRow, column: str) -> str:
    node = _nodes(reader, row, column)
    return write(node) if node is not None else ""


def _nodes(reader: _Reader, row: SheetRow, column: str) -> Node | None:
    if not row.get(column):
        return None
    own = reader.sets | ({"value"} if row.get("name") in reader.sets else set())
    try:
        return from_xpath(row.get(column), reader.names.get, own)
    except Untold as error:
        reader.wrong(row, f"{column}: {error}.")
        return None
