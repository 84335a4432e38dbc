"""Reports in the documentation and in people's words: each measure as the code defines it."""

from api import report_words
from api.measure_words import FORMULAS, NAMES
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measure import Better, Group, Unit, Verdict
from campaigns.reports.measures import MEASURES
from campaigns.reports.outcome_rates import OUTCOME_RATES
from campaigns.reports.periods import Usual
from campaigns.reports.standard import REPORTS, ReportKey
from tests.documents import DOCS, section, words


def test_every_measure_is_documented_with_its_formula_and_source() -> None:
    text = (DOCS / "reports.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    for key, one in MEASURES.items():
        said = f"| `{key}` | {one.name} | {one.formula} | {one.unit.value} |"
        found = [line for line in lines if line.startswith(said)]
        assert len(found) == 1, key
        assert found[0].endswith(f"| {one.source} |"), key


def test_every_report_and_dimension_is_documented() -> None:
    told = words((DOCS / "reports.md").read_text(encoding="utf-8"))
    assert {one.value for one in (*ReportKey, *Dimension)} <= told
    kinds = (Dimension, Usual, Verdict, Better, Unit, Group)
    known = words(section("glossary.md", "A report"))
    assert {one.value for kind in kinds for one in kind} <= known


def test_every_code_of_reports_has_words() -> None:
    rates = {one.key for one in OUTCOME_RATES}
    assert {key: one.name for key, one in MEASURES.items()} == NAMES
    assert {key: one.formula for key, one in MEASURES.items() if key not in rates} == FORMULAS
    for known, codes in (
        (report_words.REPORTS, ReportKey),
        (report_words.DIMENSIONS, Dimension),
        (report_words.PERIODS, Usual),
        (report_words.VERDICTS, Verdict),
    ):
        assert set(known) == set(codes)
    assert set(REPORTS) == set(ReportKey)
