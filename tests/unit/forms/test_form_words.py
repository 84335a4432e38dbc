"""Everything a form's checks and files say has words in every language."""

import ast
import re

import pytest

from api.builder import finding_words, refusal_words, words
from api.builder.finding_words import FAULTS, INNER, MESSAGES, said_in
from api.builder.refusal_words import refusal_words as why
from api.builder.view import owner_of, part_of
from api.languages import translations_of
from campaigns.forms.answering.answers import Refused
from campaigns.forms.checks.checking import check
from campaigns.forms.checks.findings import Finding
from campaigns.forms.editing.conditions import Sign
from campaigns.forms.editing.kinds import KINDS
from campaigns.forms.files.faults import UnreadableForm
from campaigns.forms.files.yaml_reading import read_yaml
from campaigns.forms.words import AnswerRefusal, ChangeKind, Ending, FindingCode, NoAnswer
from dialer.settings import PROJECT_ROOT
from tests.form_mistakes import WRONG
from tests.questionnaires import form_of, question

CHECKS = PROJECT_ROOT / "campaigns" / "forms" / "checks"


def _shape(node: ast.expr) -> str | None:
    """A sentence in the code with X for what is put in; None for what is no sentence."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (one.value if isinstance(one, ast.Constant) else "X" for one in node.values)
        return "".join(str(part) for part in parts)
    return None


def _sentences() -> set[str]:
    found: set[str] = set()
    for file in CHECKS.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree)
                if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)}  # fmt: skip
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
                  for part in node.values}  # fmt: skip
        for node in ast.walk(tree):
            shape = _shape(node) if isinstance(node, ast.expr) and id(node) not in inside else None
            if shape and shape not in docs and re.match(r"[A-ZX`].*[.]$", shape, re.DOTALL):
                found.add(shape)
    return found


def test_every_sentence_of_the_checks_is_a_message() -> None:
    sentences = _sentences()
    assert len(sentences) > 60
    known = {re.sub(r"%\(\w+\)s", "X", one) for one in MESSAGES}
    braces = "X."  # a text's braces that are no slot: the error says the sentence
    assert sentences - known == {braces}


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_every_finding_is_said_in_the_readers_language(language: str) -> None:
    say = translations_of(language).gettext
    more: list[Finding] = []
    for _, questions, _ in WRONG:
        more += check(form_of(*questions))
    two = form_of(question("q1", text={"en": "x"}), languages=["en", "uk"])
    more += check(two)
    codes = {one.code for one in more}
    assert len(codes) > 17
    for one in more:
        for sentence in (one.sentence, one.remedy):
            said = said_in(say, sentence)
            assert said != sentence, sentence
            assert "%(" not in said
            assert re.search("[а-яіїєґ]", said)


def test_codes_in_a_sentence_stay_as_they_are() -> None:
    say = translations_of("ru").gettext
    circle = check(form_of(question("q1", show_if="q2 = 'a'"), question("q2", show_if="q1 = 'a'")))
    said = said_in(say, circle[0].sentence)
    assert said == "q1 зависит от q2, а q2 от q1: ни одно нельзя решить первым."
    assert said_in(say, "Something new.") == "Something new."
    assert said_in(say, "") == ""
    assert said_in(str, "There is no answer 100%s.") == "There is no answer 100%s."


def test_every_code_has_words() -> None:
    for table, codes in (
        (words.KINDS, KINDS),
        (words.SIGNS, Sign),
        (words.NO_ANSWERS, NoAnswer),
        (words.ENDINGS, Ending),
        (words.CHANGES, ChangeKind),
        (refusal_words.WORDS, AnswerRefusal),
    ):
        assert set(table) == set(codes)
    assert len(FindingCode) == 22, "a new finding needs its sentences in finding_words.py"


def test_a_refusal_says_its_limit_or_the_authors_own_words() -> None:
    say = translations_of("uk").gettext
    small = Refused(AnswerRefusal.TOO_SMALL, "At least 3.", {"least": "3"})
    assert why(say, small, "uk") == "Не менше 3."
    rule = Refused(
        AnswerRefusal.RULE_BROKEN, "No.", {"texts": {"en": "Too old.", "uk": "Задавнє."}}
    )
    assert why(say, rule, "uk") == "Задавнє."
    assert why(say, rule, "pl") == "Too old."
    odd = Refused(AnswerRefusal.TOO_MANY, "At most two.", {})
    assert why(str, odd, "en") == "At most two."


def test_faults_of_files_and_their_places_are_translated() -> None:
    say = translations_of("ru").gettext
    with pytest.raises(UnreadableForm) as unread:
        read_yaml("code: a\nb: c\ncode: d")
    fault = unread.value.faults[0]
    assert said_in(say, fault.place) == "строка 3"
    assert said_in(say, fault.sentence) == "code встречается дважды."
    assert said_in(say, "survey, row 7") == "survey, строка 7"


def test_a_finding_belongs_to_a_question_or_section() -> None:
    def at(place: str) -> tuple[str, str]:
        found = Finding(FindingCode.EMPTY, place, "", "")
        return owner_of(found), part_of(found)

    assert at("q3.show_if") == ("q3", "show_if")
    assert at("q3.skips.2") == ("q3", "skips")
    assert at("section s1.show_if") == ("s1", "show_if")
    assert at("form") == ("form", "")


def test_messages_are_marked_once() -> None:
    marked = [*MESSAGES, *INNER, *FAULTS]
    assert len(marked) == len(set(marked))
    assert finding_words.pattern_of("%(a)s and %(b)s and %(a)s.").fullmatch("x and y and x.")
    assert not finding_words.pattern_of("%(a)s and %(b)s and %(a)s.").fullmatch("x and y and z.")
