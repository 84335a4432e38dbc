"""What was read of an XLSForm -> a form, or all faults with their rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from campaigns.forms.checks.referring import check_references
from campaigns.forms.files.faults import Fault, UnreadableForm
from campaigns.forms.files.xlsform_sheets import SheetRow
from campaigns.forms.form import Form
from campaigns.forms.texts import Text


@dataclass(frozen=True, slots=True)
class Made:
    """What the rows of a workbook gave."""

    sections: list[dict[str, Any]]
    fields: list[str]  #: of the contact
    rows: dict[str, SheetRow]  #: by code of the question or section
    faults: list[Fault]


def made_form(read: Made, settings: SheetRow) -> Form:
    """Return the form of what was read.

    Raises:
        UnreadableForm: a fault was found before, or the parts make no form.
    """
    languages = sorted(_languages(read.sections))
    first = re.search(r"([a-z]{2,3}(?:-\w+)?)\)?$", settings.get("default_language"))
    if first and first[1] in languages:
        languages = [first[1], *(one for one in languages if one != first[1])]
    raw = {
        "code": settings.get("form_id") or "form",
        "title": settings.get("form_title"),
        "languages": languages or ([first[1]] if first else ["en"]),
        "contact_fields": read.fields,
        "sections": [
            {name: value for name, value in section.items() if name != "closed"}
            for section in read.sections
        ],
    }
    try:
        form = None if read.faults else Form.model_validate(raw)
    except ValidationError as error:
        read.faults.extend(_invalid(read, raw, found) for found in error.errors())
        form = None
    for finding in check_references(form) if form else ():
        row = read.rows.get(finding.place.removeprefix("section ").partition(".")[0])
        place = f"survey, row {row.number}" if row else finding.place
        read.faults.append(Fault(place, finding.sentence))
    if form is None or read.faults:
        raise UnreadableForm(read.faults)
    return form


def _languages(made: Any) -> Iterator[str]:
    found: set[str] = set()
    waiting = [made]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Text):
            found |= one.languages()
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return iter(found - {""})


def _invalid(read: Made, raw: dict[str, Any], found: Any) -> Fault:
    made: Any = raw
    code = ""
    for part in found["loc"]:
        try:
            made = made[part]
        except (KeyError, IndexError, TypeError):
            continue
        if isinstance(made, dict) and "code" in made and str(made["code"]) in read.rows:
            code = str(made["code"])
    row = read.rows.get(code)
    sentence = f"{found['loc'][-1] if found['loc'] else 'form'}: {found['msg']}."
    return row.fault(sentence) if row else Fault("settings", sentence)
