"""The guard of exported CSV finds in bytes what ``guarded`` finds in cells; layouts are picked."""

import csv
import io
from random import Random

import pytest

from campaigns.delivery.files.csv_file import CsvFile
from campaigns.delivery.files.sav_file import variable_names
from campaigns.delivery.layouts.answers import answer_columns
from campaigns.delivery.layouts.columns import BadLayout, Column, Layout, Pick, picked
from campaigns.delivery.layouts.statement import literal, rows_statement
from campaigns.delivery.words import ColumnSource
from campaigns.lists.columns.cells import guarded
from dialer.ids import new_id
from tests.questionnaires import form_of, question

#: What cells are made of: signs, blanks of all kinds, quotes, ends of lines, and what stands between them.
_PIECES = (
    *"=+-@'\"\n\r\t,;| аб1x",
    *("\u00a0", "＝", "＋", "\u3000", "\x1c", "12", "+7", "-5"),
)


def _as_copy_sends(rows: list[list[str]], separator: str) -> bytes:
    lines = []
    for row in rows:
        cells = [
            '"' + cell.replace('"', '""') + '"'
            if set(cell) & {separator, '"', "\n", "\r"}
            else cell
            for cell in row
        ]
        lines.append(separator.join(cells) + "\n")
    return "".join(lines).encode()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_cell_of_any_kind_is_run(separator: str) -> None:
    draw = Random(separator)
    for _ in range(400):
        width = draw.choice([1, 2, 3, 5])
        rows = [
            [
                "".join(draw.choices(_PIECES, k=draw.choice([0, 1, 2, 3, 6, 12])))
                for _ in range(width)
            ]
            for _ in range(draw.randint(1, 6))
        ]
        out = io.BytesIO()
        file = CsvFile(out, ["x"] * width, bom=False, separator=separator)
        file.write(_as_copy_sends(rows, separator))
        text = io.StringIO(out.getvalue().decode(), newline="")
        _, *told = [row or [""] for row in csv.reader(text, delimiter=separator)]
        assert told == [[guarded(cell) for cell in row] for row in rows]


def _layout(*names: str) -> Layout:
    return Layout(tuple(Column(name, ColumnSource.OWN, name) for name in names))


def test_columns_are_picked_named_and_ordered() -> None:
    made = picked(_layout("a", "b", "c"), [Pick("c"), Pick("a", " first  one ")])
    assert [(one.name, one.key) for one in made.columns] == [("c", "c"), ("first one", "a")]


@pytest.mark.parametrize(
    "picks",
    [[], [Pick("z")], [Pick("a"), Pick("b", "a")], [Pick("a", "x" * 301)]],
    ids=["none", "unknown", "doubled", "long"],
)
def test_columns_that_no_file_can_have_are_refused(picks: list[Pick]) -> None:
    with pytest.raises(BadLayout):
        picked(_layout("a", "b"), picks)


def test_versions_are_merged_into_one_codebook() -> None:
    old = form_of(question("q1", options=[{"code": "a", "text": "A"}, {"code": "z", "text": "Z"}]))
    new = form_of(question("q1"), question("q2", "text"))
    q1, q2 = answer_columns({1: old, 2: new})
    assert [value.code for value in q1.values] == ["a", "b", "c", "z"]
    assert (q1.versions, q2.versions) == ((), ())


def test_a_hostile_heading_stays_a_text() -> None:
    heading = "x' ; DROP TABLE lead; --\\"
    assert literal(heading) == "'x'' ; DROP TABLE lead; --\\'"
    statement = rows_statement(_layout(heading), new_id(), client_id=new_id())
    assert f"c.fields ->> {literal(heading)}" in statement


def test_spss_gets_names_that_it_takes() -> None:
    names = variable_names(["Имя клиента", "1st", "ALL", "a.", "a", "A", "ж" * 50, ""])
    assert names == ["Имя_клиента", "v_1st", "v_ALL", "a", "a_2", "A_3", "ж" * 32, "column"]
