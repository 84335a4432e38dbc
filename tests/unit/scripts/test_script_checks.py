"""Checks of scripts: what passes has no answer that leads nowhere and no way without an end."""

from hypothesis import given
from hypothesis import strategies as st

from campaigns.forms.texts import Text
from campaigns.scripts.checking import check, reached_from
from campaigns.scripts.editing import with_action
from campaigns.scripts.script import Branch, Script, Step
from campaigns.scripts.words import ScriptFinding as F
from tests.scripts import TALK, script, step

CODES = [f"s{number}" for number in range(1, 7)]


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Scripts whose answers lead anywhere, to steps that are not there too."""
    codes = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=5))
    steps = []
    for code in codes:
        targets = draw(st.lists(st.sampled_from(CODES), max_size=3))
        ways = [f"answer {n}>{to}" for n, to in enumerate(targets)]
        steps.append(step(code, "Words.", *ways, ends=draw(st.booleans())))
    return script(*steps)


def codes_of(made: Script) -> set[F]:
    return {finding.code for finding in check(made)}


@given(scripts())
def test_what_may_be_published_leads_everywhere_and_to_an_end(made: Script) -> None:
    bars = [finding for finding in check(made) if finding.bars]
    leads = all(way.to in made.by_code for one in made.steps for way in one.branches)
    stuck = [
        one.code
        for one in made.steps
        if not any(made.by_code[code].ends for code in reached_from(made, one.code))
    ]
    if not bars:
        assert made.steps
        assert leads
        assert not stuck
    if made.steps and leads and not stuck:
        assert not bars


@given(scripts())
def test_every_missing_target_is_named_at_its_step(made: Script) -> None:
    told = {(one.step, one.detail) for one in check(made) if one.code is F.MISSING_TARGET}
    missing = {
        (one.code, way.says.within("en"))
        for one in made.steps
        for way in one.branches
        if way.to not in made.by_code
    }
    assert told == (missing if made.steps else set())


def test_a_talk_that_is_whole() -> None:
    assert check(TALK) == ()
    assert check(script(step("s1", ends=True))) == ()


def test_what_bars_and_what_warns() -> None:
    assert codes_of(script()) == {F.NO_STEPS}
    assert codes_of(script(step("s1"))) == {F.DEAD_END}
    assert codes_of(script(step("s1", "W.", "a>s2"), step("s2", "W.", "b>s1"))) == {F.NO_WAY_OUT}
    assert codes_of(script(step("s1", "W.", "a>s9", ends=True))) == {F.MISSING_TARGET}
    assert codes_of(script(step("s1", "", ends=True))) >= {F.EMPTY_STEP}
    lonely = script(step("s1", ends=True), step("s2", ends=True))
    assert codes_of(lonely) == {F.NEVER_REACHED}
    assert not any(finding.bars for finding in check(lonely))
    twice = script(step("s1", "W.", "a>s2", "a>s2"), step("s2", ends=True))
    assert codes_of(twice) == {F.DOUBLE_ANSWER}


def test_variables_are_checked_in_every_language() -> None:
    body = Text.read({"en": "Hi", "ru": "Привет, {{ contact.name"})
    made = Script(
        languages=("en", "ru"),
        steps=(Step(code="s1", title=Text.read("T"), body=body, ends=True),),
    )
    assert codes_of(made) == {F.BAD_VARIABLE}
    assert codes_of(script(step("s1", "{{ agent.salary }}", ends=True))) == {F.BAD_VARIABLE}
    told = check(script(step("s1", "{{ contact.x }}", ends=True)), known_fields={"name"})
    assert [(one.code, one.detail, one.bars) for one in told] == [
        (F.UNKNOWN_FIELD, "contact.x", False)
    ]


def test_a_missing_translation_bars() -> None:
    made = script(*TALK.steps, languages=("en", "uk"))
    told = {(one.code, one.step, one.detail) for one in check(made)}
    assert told == {(F.MISSING_LANGUAGE, code, "uk") for code in ("s1", "s2", "s3")}


def test_a_new_step_takes_no_code_that_somebody_means() -> None:
    way = Branch(says=Text.read("a"), to="s7")
    made = Script(languages=("en",), steps=(Step(code="s1", branches=(way,)),))
    added = with_action(made, "add_step", taken=("s9",))
    assert [one.code for one in added.steps] == ["s1", "s10"]
