"""Forms as YAML: what is written is read as it was, and what is wrong has its line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.forms.files.faults import UnreadableForm
from campaigns.forms.files.yaml_reading import read_yaml
from campaigns.forms.files.yaml_writing import write_yaml
from campaigns.forms.form import Form
from campaigns.forms.questions import NumberQuestion
from tests.questionnaires import form_of, forms, question

SMALL = """\
code: small
languages: [en]
sections:
  - code: main
    questions:
      - code: q1
        type: single
        text: Do you?
        options:
          - {code: yes, text: yes}
          - {code: no, text: no}
"""


@given(forms())
def test_a_form_is_written_and_read_exactly(form: Form) -> None:
    text = write_yaml(form)
    assert read_yaml(text) == form
    assert write_yaml(read_yaml(text)) == text


words = st.text(max_size=30).filter(lambda text: "\0" not in text)


@given(words, words)
def test_any_words_survive(text: str, other: str) -> None:
    form = form_of(question("q1", text={"en": text, "uk": other}, hint=other))
    assert read_yaml(write_yaml(form)) == form


def test_yes_and_no_are_words_and_numbers_are_exact() -> None:
    options = read_yaml(SMALL).by_code["q1"].options  # type: ignore[union-attr]  # it is single
    assert [option.code for option in options] == ["yes", "no"]
    form = form_of(question("n", "number", least="0.1", most="2.30", places=2))
    again = read_yaml(write_yaml(form)).by_code["n"]
    assert isinstance(again, NumberQuestion)
    assert (again.least, again.most) == (Decimal("0.1"), Decimal("2.30"))


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("", "", "empty"),
        ("code: [", "line 1", "no YAML"),
        ("a: &x 1\nb: *x", "line 1", "Anchors"),
        ("code: !!python/object:os.system x", "line 1", "Tags"),
        ("code: a\ncode: b", "line 2", "code is there twice"),
        ("? [a]\n: b", "line 1", "key must be a word"),
        ("- 1", "line 1", "valid dictionary"),
        ("[" * 30 + "]" * 30, "line 1", "Deeper than"),
        ("code: a\nsections:\n  - code: s\n    colour: red", "line 4", "colour: Extra inputs"),
        (SMALL.replace("single", "singel"), "line 6", "type"),
        (SMALL.replace("q1", "1q"), "line 6", "code: String should match"),
        (SMALL.replace("text: Do", "txet: Do"), "line 8", "txet: Extra"),
        (SMALL.replace("{code: no, text: no}", "{code: no}"), "line 11", "text: Field required"),
        (SMALL.replace("Do you?", "{xx1: Do}"), "line 8", "no language code"),
        ("x" * (5 * 2**20 + 1), "", "larger than 5 MB"),
        ("code: \x07", "", "no YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, place: str, says: str) -> None:
    with pytest.raises(UnreadableForm) as refused:
        read_yaml(text)
    told = [(fault.place, fault.sentence) for fault in refused.value.faults]
    assert any(where == place and says in sentence for where, sentence in told), told


def test_all_faults_are_told_at_once() -> None:
    wrong = SMALL.replace("q1", "1q").replace("single", "multiple\n        least: many")
    with pytest.raises(UnreadableForm) as refused:
        read_yaml(wrong)
    assert [fault.place for fault in refused.value.faults] == ["line 6", "line 8"]
