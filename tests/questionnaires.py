"""Forms for tests: in one line, or drawn at random by Hypothesis, and people who answer anything."""

from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from campaigns.forms.answering.answers import Answers, Given, Person, Refused
from campaigns.forms.answering.engine import record, walk
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import (
    Address,
    DateQuestion,
    EmailQuestion,
    Matrix,
    Money,
    Multiple,
    Nps,
    NumberQuestion,
    PhoneQuestion,
    Question,
    Ranking,
    Scale,
    Single,
    range_of,
)
from campaigns.forms.words import NoAnswer

OPTIONS = [{"code": code, "text": code.upper()} for code in ("a", "b", "c")]


def question(code: str, kind: str = "single", **more: Any) -> dict[str, Any]:
    """Return a question as a file says it; choices have the options a, b and c."""
    made: dict[str, Any] = {"code": code, "type": kind, "text": f"Text of {code}"}
    if kind in ("single", "multiple", "ranking", "matrix"):
        made["options"] = OPTIONS
    if kind == "matrix":
        made["rows"] = [{"code": "r1", "text": "Row 1"}, {"code": "r2", "text": "Row 2"}]
    if kind == "money":
        made["currency"] = "EUR"
    return made | more


def form_of(*questions: dict[str, Any], **more: Any) -> Form:
    """Return a form of one section."""
    sections = [{"code": "main", "questions": list(questions)}]
    return Form.model_validate({"code": "test", "sections": sections, **more})


def answered(form: Form, *pairs: tuple[str, Any], person: Person | None = None) -> Answers:
    """Return the answers of an interview in which each pair was recorded."""
    answers = Answers()
    for code, value in pairs:
        after = record(form, answers, code, value, person or Person())
        assert isinstance(after, Answers), (code, value, after)
        answers = after
    return answers


def refusal(form: Form, code: str, value: Any, answers: Answers | None = None) -> str:
    """Return the reason why an answer is not taken."""
    refused = record(form, answers or Answers(), code, value)
    assert isinstance(refused, Refused), refused
    return refused.reason.value


WORDS = (
    "plain",
    "<b>bold</b>",
    "{{ contact.secret }}",
    "a'b\"c",
    "{% x %}",
    "&amp;",
    "\u202e!",
    "]]>",
)


def some_value(asked: Question, chance: Random) -> Any:
    """Return something a person may say to a question; not always something that is taken."""
    if isinstance(asked, Asking) and chance.random() < 0.15:
        return chance.choice(list(NoAnswer))
    match asked:
        case Single(options=options):
            option = chance.choice(options)
            return Given(option.code, other=chance.choice(WORDS) if option.other else "")
        case Multiple(options=options):
            some = chance.sample(options, chance.randint(1, len(options)))
            other = any(option.other for option in some)
            return Given([o.code for o in some], other=chance.choice(WORDS) if other else "")
        case Ranking(options=options, top=top):
            return [o.code for o in chance.sample(options, top or len(options))]
        case Matrix(rows=rows, options=options):
            return {row.code: chance.choice(options).code for row in rows}
        case Scale() | Nps():
            return chance.randint(*range_of(asked))
        case NumberQuestion() | Money():
            return chance.randint(-3, 12)
        case DateQuestion():
            return date(2026, 1, 1) + timedelta(days=chance.randint(-400, 400))
        case PhoneQuestion():
            return f"+7495{chance.randint(2000000, 2999999)}"
        case EmailQuestion():
            return f"person{chance.randint(1, 99)}@example.org"
        case Address(parts=parts):
            return {part.code: chance.choice(WORDS) for part in parts}
        case _:
            return chance.choice(WORDS)


def interview(form: Form, person: Person, chance: Random) -> tuple[Answers, list[str]]:
    """Answer whatever is asked until nothing is; return the answers and the questions in order."""
    answers, asked = Answers(), list[str]()
    refusals = 0
    while (now := walk(form, answers, person)).next is not None:
        after = record(form, answers, now.next.code, some_value(now.next, chance), person)
        if isinstance(after, Answers):
            answers = after
            asked.append(now.next.code)
        else:
            refusals += 1
            if refusals > 200:
                break  # nobody can answer this question: its rule fits nothing
    return answers, asked


KINDS = (
    *("single", "multiple", "scale", "nps", "matrix", "number", "money", "date", "text", "phone"),
    *("email", "address", "ranking", "prompt", "note", "calculated"),
)


@st.composite
def conditions(draw: st.DrawFn, codes: list[str]) -> str:
    """Draw a condition over questions; it may look anywhere, and may be nonsense."""
    code = draw(st.sampled_from([*codes, "contact.city", "nobody"]))
    atom = st.sampled_from(
        [
            *(f"{code} = '{option}'" for option in "abc"),
            *(f"{code} {sign} {number}" for sign in ("<", ">=", "!=") for number in (0, 3, 7)),
            *(f"{code} has 'a'", f"answered({code})", f"refused({code})", f"count({code}) > 1"),
            *(f"not answered({code})", f"{code}.r1 = 'a'", f"{code} in ('a', 'b')", "1 +", "true"),
        ]
    )
    parts = draw(st.lists(atom, min_size=1, max_size=2))
    return draw(st.sampled_from([" and ", " or "])).join(parts)


@st.composite
def forms(draw: st.DrawFn, *, sane: bool = False) -> Form:
    """Draw a form of every kind of question; unless ``sane``, its logic may be nonsense."""
    count = draw(st.integers(1, 7))
    codes = [f"q{number}" for number in range(count)]
    kinds = [draw(st.sampled_from(KINDS)) for _ in codes]
    made = []
    for at, (code, kind) in enumerate(zip(codes, kinds, strict=True)):
        seen = codes[:at] if sane else codes
        more: dict[str, Any] = {}
        shown_if: bool = draw(st.booleans())
        if seen and shown_if:
            more["show_if"] = draw(conditions(seen))
        if kind == "calculated":
            more["expression"] = draw(st.sampled_from(["1 + 1", "q0 * 2", "count(q0)", "1 / 0"]))
        elif kind not in ("note", "prompt"):
            more |= {"required": draw(st.booleans()), "dont_know": True, "refused": True}
            if draw(st.integers(0, 3)) == 0:
                more["screen_out_if"] = draw(conditions([code]))
            if draw(st.integers(0, 3)) == 0:
                to = draw(st.sampled_from([*(codes if not sane else codes[at + 1 :]), "end"]))
                more["skips"] = [{"when": draw(conditions([code])), "to": to}]
        if kind in ("single", "multiple"):
            other = {"code": "z", "text": "Other", "other": True}
            more["options"] = [*OPTIONS, other] if draw(st.booleans()) else OPTIONS
            more["rotate"] = draw(st.booleans())
        made.append(question(code, kind, **more))
    cut = draw(st.integers(0, count))
    sections = [
        {"code": "first", "questions": made[:cut], "rotate": draw(st.booleans()), "block": "x"},
        {"code": "second", "questions": made[cut:], "block": draw(st.sampled_from(["", "x"]))},
    ]
    return Form.model_validate({"code": "drawn", "contact_fields": ["city"], "sections": sections})
