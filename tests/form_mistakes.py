"""Forms with one mistake each, and what is said about it: the finding and its place."""

from typing import Any

from tests.questionnaires import OPTIONS
from tests.questionnaires import question as q

LONG = [{"code": f"o{n}", "text": "o"} for n in range(12)]
#: The questions of a form, and each finding: its code and its place.
WRONG: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    ("asks nothing", [q("n", "note")], ["empty form"]),
    ("same code", [q("q1"), q("Q1")], ["duplicate_code q1", "duplicate_code Q1"]),
    ("code of the language", [q("has")], ["reserved_code has"]),
    ("same option", [q("q1", options=[*OPTIONS, OPTIONS[0]])], ["duplicate_option q1.options"]),
    (
        "two others",
        [q("q1", options=[{"code": c, "text": c, "other": True} for c in "ab"])],
        ["duplicate_option q1.options"],
    ),
    ("bad expression", [q("q1", show_if="1 +")], ["bad_expression q1.show_if"]),
    ("bad template", [q("q1", text="{{ x }}")], ["bad_template q1.text"]),
    (
        "default of an answer",
        [q("q1"), q("q2", "text", default="{{ answers.q1 }}")],
        ["bad_template q2.default"],
    ),
    ("unknown", [q("q1", show_if="q9 = 'a'")], ["unknown_reference q1.show_if"]),
    (
        "a note's answer",
        [q("n", "note"), q("q1", show_if="answered(n)")],
        ["unknown_reference q1.show_if"],
    ),
    (
        "unknown row",
        [q("m", "matrix"), q("q1", show_if="m.r9 = 'a'")],
        ["unknown_reference q1.show_if"],
    ),
    ("unknown in text", [q("q1", text="{{ answers.q9 }}")], ["unknown_reference q1.text"]),
    (
        "unknown field",
        [q("q1", text="{{ contact.x }}", show_if="contact.y = '1'", default="{{ contact.z }}")],
        ["unknown_field q1.default", "unknown_field q1.show_if", "unknown_field q1.text"],
    ),
    ("looks ahead", [q("q1", show_if="q2 = 'a'"), q("q2")], ["forward_reference q1.show_if"]),
    ("says ahead", [q("q1", text="{{ answers.q2 }}"), q("q2")], ["forward_reference q1.text"]),
    ("circle", [q("q1", show_if="q2 = 'a'"), q("q2", show_if="q1 = 'a'")], ["loop q1.show_if"]),
    ("itself", [q("q1", show_if="q1 = 'a'")], ["loop q1.show_if"]),
    (
        "calculated circle",
        [q("c", "calculated", expression="d"), q("d", "calculated", expression="c"), q("q1")],
        ["loop c.expression"],
    ),
    (
        "skip back",
        [q("q1"), q("q2", skips=[{"when": "q2 = 'a'", "to": "q1"}])],
        ["loop q2.skips.1"],
    ),
    (
        "skip nowhere",
        [q("q1", skips=[{"when": "q1 = 'a'", "to": "q7"}]), q("q2")],
        ["bad_skip q1.skips.1"],
    ),
    ("number and text", [q("n", "nps"), q("q2", show_if="n = 'x'")], ["type_mismatch q2.show_if"]),
    (
        "set and value",
        [q("m", "multiple"), q("q2", show_if="m = 'a'")],
        ["type_mismatch q2.show_if"],
    ),
    ("has of one", [q("q1"), q("q2", show_if="q1 has 'a'")], ["type_mismatch q2.show_if"]),
    ("not a truth", [q("n", "nps"), q("q2", show_if="n + 1")], ["type_mismatch q2.show_if"]),
    ("sum of texts", [q("q1"), q("q2", show_if="q1 + 1 > 2")], ["type_mismatch q2.show_if"]),
    ("whole matrix", [q("m", "matrix"), q("q2", show_if="m = 'a'")], ["type_mismatch q2.show_if"]),
    ("unknown option", [q("q1"), q("q2", show_if="q1 = 'x'")], ["unknown_option q2.show_if"]),
    (
        "unknown in set",
        [q("m", "multiple"), q("q2", show_if="m has 'x'")],
        ["unknown_option q2.show_if"],
    ),
    ("range", [q("n", "number", least=3, most=2)], ["bad_limits n"]),
    ("days", [q("d", "date", earliest="2026-01-02", latest="2026-01-01")], ["bad_limits d"]),
    ("scale", [q("s", "scale", first=5, last=5)], ["bad_limits s"]),
    ("text", [q("t", "text", shortest=5, mask="##")], ["bad_limits t"]),
    ("counts", [q("m", "multiple", least=4)], ["bad_limits m"]),
    ("top", [q("r", "ranking", top=4)], ["bad_limits r"]),
    (
        "contradiction",
        [q("q1"), q("q2", show_if="q1 = 'a' and q1 = 'b'")],
        ["contradiction q2.show_if"],
    ),
    (
        "empty interval",
        [q("n", "number"), q("q2", show_if="n > 3 and n < 4")],
        ["contradiction q2.show_if"],
    ),
    (
        "out of range",
        [q("n", "number", most=9), q("q2", show_if="n > 9")],
        ["contradiction q2.show_if"],
    ),
    (
        "dates",
        [q("d", "date"), q("q2", show_if="d < '2026-01-01' and d > '2026-01-01'")],
        ["contradiction q2.show_if"],
    ),
    (
        "large set",
        [q("m", "multiple", options=LONG, most=1), q("q2", show_if="m has 'o1' and m has 'o2'")],
        ["contradiction q2.show_if"],
    ),
    (
        "exclude each other",
        [q("q1"), q("q2", show_if="q1 = 'a'"), q("q3", show_if="answered(q2) and q1 = 'b'")],
        ["unreachable q3"],
    ),
    (
        "screened before",
        [q("n", "nps", screen_out_if="n < 7"), q("q2", show_if="n = 5")],
        ["unreachable q2"],
    ),
    (
        "skipped before",
        [q("q1", skips=[{"when": "q1 = 'a'", "to": "q3"}]), q("q2", show_if="q1 = 'a'"), q("q3")],
        ["unreachable q2"],
    ),
    (
        "everybody leaves",
        [q("q1", screen_out_if="q1 in ('a', 'b', 'c')"), q("q2")],
        ["unreachable q2"],
    ),
    (
        "everybody skips",
        [q("q1", skips=[{"when": "answered(q1)", "to": "q3"}]), q("q2"), q("q3")],
        ["unreachable q2"],
    ),
    (
        "through a calculation",
        [
            q("q1"),
            q("c", "calculated", expression="if(q1 = 'a', 1, 2)"),
            q("q2", show_if="c = 1 and q1 = 'b'"),
        ],
        ["contradiction q2.show_if"],
    ),
    (
        "never fires",
        [q("n", "nps", screen_out_if="n > 10"), q("q2")],
        ["never_fires n.screen_out_if"],
    ),
    ("rule", [q("n", "nps", valid_if="value > 10")], ["no_valid_answer n.valid_if"]),
    (
        "rule against earlier",
        [q("n", "nps"), q("k", "nps", show_if="n = 10", valid_if="value > n")],
        ["no_valid_answer k.valid_if"],
    ),
    (
        "contact",
        [q("q1", show_if="contact.age > 5 and contact.age < 3")],
        ["contradiction q1.show_if"],
    ),
]
