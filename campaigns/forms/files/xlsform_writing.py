"""Form -> XLSForm: three sheets, and a list of what XLSForm has no words for.

Source: XLSForm.org reference tables (question types, columns, settings) as of 2026.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import xlsxwriter

from campaigns.forms.answering.compiled import parsed
from campaigns.forms.expressions.nodes import Reference
from campaigns.forms.files.faults import Fault
from campaigns.forms.files.xlsform_expressions import Untold, flat_name, to_xpath
from campaigns.forms.files.xlsform_types import Row, constraint_of, losses_of, type_of
from campaigns.forms.form import Form, Section
from campaigns.forms.question_parts import Asking, Option
from campaigns.forms.questions import (
    Calculated,
    Matrix,
    Multiple,
    Prompt,
    Question,
    Ranking,
    Single,
)
from campaigns.forms.texts import ANY, Slot, Text, pieces
from dialer.errors import Invalid

#: The columns in their order; texts get one for each language.
_COLUMNS = {
    "survey": ("type", "name", "label", "hint", "required", "relevant", "constraint",
               "constraint_message", "default", "calculation", "appearance", "parameters",
               "media::image", "media::audio"),
    "choices": ("list_name", "name", "label"),
    "settings": ("form_title", "form_id", "default_language"),
}  # fmt: skip


class NotExportable(Invalid):
    """The form's logic cannot be said in XLSForm: somebody else would be asked something else."""

    code = "not_exportable"
    message = "XLSForm has no words for this form's logic. Export it as YAML."


@dataclass(frozen=True, slots=True)
class Exported:
    """A workbook, and what of the form is not in it."""

    content: bytes
    lost: tuple[Fault, ...]


@dataclass(slots=True)
class _Writer:
    form: Form
    survey: list[Row] = field(default_factory=list)
    choices: list[Row] = field(default_factory=list)
    lost: list[Fault] = field(default_factory=list)
    barred: list[Fault] = field(default_factory=list)

    def expression(self, text: str, place: str) -> str:
        if not text:
            return ""
        try:
            return to_xpath(parsed(text))
        except Untold as error:
            self.barred.append(Fault(place, f"{error}."))
            return ""

    def texts(self, column: str, text: Text, place: str) -> Row:
        row: Row = {}
        for language, template in text.by_language:
            name = column if language == ANY else f"{column}::{language} ({language})"
            row[name] = "".join(self.piece(piece, place) for piece in pieces(template))
        return row

    def piece(self, piece: str | Slot, place: str) -> str:
        if isinstance(piece, str):
            return piece
        if piece.fallback:
            self.lost.append(Fault(place, f"The words “{piece.fallback}” for a missing value."))
        reference = Reference(piece.name, piece.part, contact=piece.source == "contact")
        return f"${{{flat_name(reference)}}}"


def write_xlsform(form: Form) -> Exported:
    """Return a form as a workbook.

    Raises:
        NotExportable: skips, screening out, blocks or conditions would be lost; each is named.
    """
    writer = _Writer(form)
    for name in form.contact_fields:
        writer.survey.append({"type": "hidden", "name": f"contact_{name}"})
    for section in form.sections:
        _section(writer, section)
    if writer.barred:
        told = [str(fault) for fault in writer.barred]
        raise NotExportable(" ".join([NotExportable.message, *told[:5]]), faults=told)
    title = form.title.within(form.languages[0])
    settings: list[Row] = [{"form_title": title, "form_id": form.code}]
    settings[0]["default_language"] = f"{form.languages[0]} ({form.languages[0]})"
    sheets = {"survey": writer.survey, "choices": writer.choices, "settings": settings}
    if len(form.title.languages()) > 1:
        writer.lost.append(Fault("form", "The title in other languages than the first."))
    if form.region:
        writer.lost.append(Fault("form", "The region of telephone numbers."))
    return Exported(_workbook(sheets), tuple(writer.lost))


def _section(writer: _Writer, section: Section) -> None:
    place = f"section {section.code}"
    if section.rotate or section.block:
        writer.lost.append(Fault(place, "The rotation of questions and blocks."))
    row: Row = {"type": "begin_group", "name": section.code}
    row |= writer.texts("label", section.title, place)
    row["relevant"] = writer.expression(section.show_if, place)
    writer.survey.append(row)
    for question in section.questions:
        _question(writer, question)
    writer.survey.append({"type": "end_group"})


def _question(writer: _Writer, question: Question) -> None:
    place = question.code
    row: Row = {"name": place, **type_of(question)}
    row |= writer.texts("label", question.text, place)
    row |= writer.texts("hint", question.hint, place)
    row["relevant"] = writer.expression(question.show_if, f"{place}.show_if")
    writer.lost.extend(Fault(place, sentence) for sentence in losses_of(question))
    match question:
        case Calculated():
            row["calculation"] = writer.expression(question.expression, f"{place}.expression")
        case Prompt():
            row |= {"media::image": question.image, "media::audio": question.audio}
        case Asking():
            _asking(writer, question, row)
        case _:
            pass
    if isinstance(question, Single | Multiple | Ranking | Matrix):
        _choices(writer, question.code, question.options)
    writer.survey.append(row)
    if isinstance(question, Matrix):
        writer.survey.extend(_matrix_rows(writer, question))


def _asking(writer: _Writer, question: Asking, row: Row) -> None:
    place = question.code
    row["required"] = "yes" if question.required else ""
    rule = writer.expression(question.valid_if, f"{place}.valid_if")
    row["constraint"] = " and ".join([*constraint_of(question), *([f"({rule})"] if rule else [])])
    row |= writer.texts("constraint_message", question.valid_message, place)
    row["default"] = "".join(writer.piece(piece, place) for piece in pieces(question.default))
    if question.screen_out_if:
        writer.barred.append(Fault(place, "XLSForm cannot screen out."))
    if question.skips:
        writer.barred.append(Fault(place, "XLSForm cannot skip; say it by show_if."))


def _choices(writer: _Writer, code: str, options: Sequence[Option]) -> None:
    for option in options:
        row: Row = {"list_name": code, "name": option.code}
        row |= writer.texts("label", option.text, f"{code}.{option.code}")
        writer.choices.append(row)


def _matrix_rows(writer: _Writer, question: Matrix) -> Iterator[Row]:
    for line in question.rows:
        row: Row = {"type": f"select_one {question.code}", "name": f"{question.code}_{line.code}"}
        row |= writer.texts("label", line.text, question.code)
        yield row | {"required": "yes" if question.required else ""}
    yield {"type": "end_group"}


def _workbook(sheets: dict[str, list[Row]]) -> bytes:
    memory = io.BytesIO()
    # Written as texts alone: a label that begins with = is a label.
    book = xlsxwriter.Workbook(memory, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        used = dict.fromkeys(column for row in rows for column, cell in row.items() if cell)
        order = [
            one
            for column in _COLUMNS[name]
            for one in used
            if one == column or one.startswith(f"{column}::")
        ]
        columns = list(dict.fromkeys(order)) or list(_COLUMNS[name])
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column)
            for number, row in enumerate(rows, start=1):
                if row.get(column):
                    sheet.write_string(number, at, row[column])
    book.close()
    return memory.getvalue()
