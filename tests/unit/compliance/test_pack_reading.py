"""Reading packs: rows of each kind, many files, the operator's own."""

from datetime import date, time
from pathlib import Path

import pytest

from compliance.rulebook.pack_reading import PackError
from compliance.rulebook.packs import load_packs
from compliance.rulebook.rules import WindowTerms
from tests.pack_files import HEADING, TERMS, read, refusal, row

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.mark.parametrize("kind", TERMS)
def test_a_good_row_of_each_kind_is_read(tmp_path: Path, kind: str) -> None:
    (rule,) = read(tmp_path, HEADING + row(kind)).rules
    assert rule.kind == kind


def test_a_row_without_an_id_is_named_by_its_place(tmp_path: Path) -> None:
    nameless = row("ring").replace('id = "fr-row"\n', "")
    facts = refusal(tmp_path, HEADING + row("ring", "fr-one") + nameless)
    assert facts["rule"] == "no. 2"
    assert facts["problem"] == "id is missing"


def test_a_pack_without_rows_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, HEADING)["problem"] == "rule is missing"


def test_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fr.toml").write_bytes((HEADING + "# décret").encode("latin-1"))
    with pytest.raises(PackError, match="not TOML"):
        load_packs(tmp_path)


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no rule pack"):
        load_packs(tmp_path)
    with pytest.raises(PackError, match="no rule pack"):
        load_packs(tmp_path / "nowhere")


def test_single_weekdays_are_read(tmp_path: Path) -> None:
    days = ", ".join(f'{day} = [["09:00", "{17 + n}:00"]]' for n, day in enumerate(WEEK))
    text = row("window").replace(TERMS["window"], f"windows = {{ {days} }}")
    terms = read(tmp_path, HEADING + text).rules[0].terms
    assert isinstance(terms, WindowTerms)
    assert [day[0][1].hour for day in terms.weekdays] == [17, 18, 19, 20, 21, 22, 23]
    assert terms.clock is None


def test_touching_windows_and_the_called_partys_clock_are_fine(tmp_path: Path) -> None:
    text = row("window").replace('"20:00"]]', '"12:00"], ["12:00", "20:00"]]')
    text = text.replace("Europe/Paris", "called_party")
    terms = read(tmp_path, HEADING + text).rules[0].terms
    assert isinstance(terms, WindowTerms)
    assert terms.weekdays[0] == ((time(9), time(12)), (time(12), time(20)))
    assert terms.clock is None


@pytest.mark.parametrize(("business", "days"), [(0, 0), (1, 1), (5, 7), (10, 14), (15, 21)])
def test_business_days_are_converted(tmp_path: Path, business: int, days: int) -> None:
    text = row("dnc") + f"honour_within_business_days = {business}\n"
    (rule,) = read(tmp_path, HEADING + text).rules
    assert getattr(rule.terms, "honour_within_days", None) == days
    assert rule.note == f"{business} business days are counted as {days} days"


def test_one_id_in_two_packs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(HEADING + row("ring"), encoding="utf-8")
    facts = refusal(tmp_path, HEADING + row("dnc"))
    assert facts["rule"] == "fr-row"
    assert facts["problem"] == "the id is taken in a.toml"


def test_one_id_twice_in_a_pack_is_refused(tmp_path: Path) -> None:
    assert "taken in fr.toml" in str(refusal(tmp_path, HEADING + row("ring") * 2)["problem"])


def operator_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own" / "house.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8-sig")  # as some editors save it
    return path


def test_an_operators_rows_are_added(tmp_path: Path) -> None:
    heading = HEADING.replace('"FR"', '"*"').replace("2026f", "2026g")
    heading = heading.replace("2026-11-21", "2026-01-31")
    own = operator_file(
        tmp_path, heading + row("dnc", "own-dnc") + row("ring", "own-ring").replace("FR", "*")
    )
    shipped, book = load_packs(), load_packs(operator_files=[own])
    assert {r.id for r in book.rules} - {r.id for r in shipped.rules} == {"own-dnc", "own-ring"}
    assert book.digest != shipped.digest
    assert book.tzdata_min == "2026g"
    assert book.compiled == date(2026, 1, 31)


def test_an_operators_row_replaces_nothing(tmp_path: Path) -> None:
    own = operator_file(tmp_path, HEADING + row("window", "fr-window"))
    with pytest.raises(PackError) as caught:
        load_packs(operator_files=[own])
    assert caught.value.facts["file"] == "house.toml"
    assert caught.value.facts["problem"] == "the id is taken in fr.toml"


def test_an_operators_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"house\.toml: the file cannot be read"):
        load_packs(operator_files=[tmp_path / "house.toml"])


def test_the_digest_does_not_depend_on_the_files(tmp_path: Path) -> None:
    """Other files, another order of rows and keys, other spaces: the same rows, the same digest."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    whole = read(tmp_path / "one", HEADING + row("abandonment", "fr-a") + row("dnc", "fr-b"))
    lines = row("abandonment", "fr-a").replace("_s = 2\n", "_s = 2.0\n").split("\n")[2:]
    turned = "[[rule]]\n" + "\n".join(f"  {line}  # fact" for line in reversed(lines) if line)
    (tmp_path / "two" / "a.toml").write_text(HEADING + row("dnc", "fr-b"), encoding="utf-8")
    split = read(tmp_path / "two", HEADING + turned)
    assert split.digest == whole.digest
    assert read(tmp_path / "two", HEADING + turned.replace("0.03", "0.031")).digest != whole.digest
