from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.dnc.bitmaps import read_version
from compliance.dnc.building import apply_changes, build
from compliance.dnc.errors import DncUnreadable
from compliance.dnc.formats import DncFormat, detect_format
from compliance.dnc.reading import read_changes
from compliance.dnc.versions import versions

FULL_AT = datetime(2026, 11, 1, tzinfo=UTC)
CHANGED_AT = datetime(2026, 11, 8, tzinfo=UTC)
FLAT = "212,5551234,A,2026-11-02\n212,5551235,D,2026-11-02\n646,2000000,A,2026-11-03\n"


def written(folder: Path, text: str, name: str = "changes.txt") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "format"),
    [
        (FLAT, DncFormat.FTC_CHANGES),
        (FLAT.replace(",A,", ",add,").replace(",D,", ",Deleted,"), DncFormat.FTC_CHANGES),
        ('"A","2125551234"\n"D","2125551235"\n"A","6462000000"\n', DncFormat.FTC_CHANGES),
        (
            "<list type='change'><ac val='212'><ph val='5551234' type='A'/>"
            "<ph val='5551235' type='D'/></ac><ac val='646'><ph val='2000000' type='A'/></ac>"
            "</list>",
            DncFormat.FTC_CHANGES_XML,
        ),
        (
            "<list><add><ac val='212'><ph val='5551234'/></ac><ac val='646'><ph>2000000</ph></ac>"
            "</add><delete><ac val='212'><ph val='5551235'/></ac></delete></list>",
            DncFormat.FTC_CHANGES_XML,
        ),
    ],
)
def test_every_form_of_a_change_list_is_read(tmp_path: Path, text: str, format: DncFormat) -> None:
    changes = read_changes(written(tmp_path, text))
    assert detect_format(text.encode()) is format
    assert changes.added.tolist() == [12125551234, 16462000000]
    assert changes.removed.tolist() == [12125551235]
    assert (changes.report.numbers, changes.report.refused) == (3, 0)


def test_the_last_record_of_a_number_counts(tmp_path: Path) -> None:
    text = "212,5551234,A\n212,5551235,D\n212,5551234,D\n212,5551235,A\n"
    changes = read_changes(written(tmp_path, text))
    assert (changes.added.tolist(), changes.removed.tolist()) == ([12125551235], [12125551234])


def test_the_last_record_counts_in_a_long_list_too(tmp_path: Path) -> None:
    lines = [f"212,{2_000_000 + row % 500},{'AD'[row // 500 % 2]}" for row in range(6_000)]
    changes = read_changes(written(tmp_path, "\n".join(lines)))
    assert (len(changes.added), len(changes.removed)) == (0, 500)


def test_headings_of_a_change_list_are_one_refused_line(tmp_path: Path) -> None:
    changes = read_changes(written(tmp_path, "Area code,Number,Action,Date\n" + FLAT))
    assert changes.removed.tolist() == [12125551235]
    assert changes.report.refused_samples == (1,)


def test_a_record_without_a_clear_marker_is_refused_and_never_guessed(tmp_path: Path) -> None:
    text = FLAT + "212,5551236\n212,5551237,A,D\n212,A\n\n012,5551238,A\n" + FLAT * 2
    changes = read_changes(written(tmp_path, text))
    assert changes.added.tolist() == [12125551234, 16462000000]
    assert changes.report.refused_samples == (4, 5, 6, 8)
    assert changes.report.lines == 14


def test_a_full_list_is_no_change_list(tmp_path: Path) -> None:
    with pytest.raises(DncUnreadable, match="not a change list"):
        read_changes(written(tmp_path, "212,5551234\n"))


def test_changes_make_a_new_version_and_leave_the_old_one(tmp_path: Path) -> None:
    stored = tmp_path / "lists"
    full = written(tmp_path, "212,5551235\n212,5551236\n", "full.txt")
    first, _ = build(full, stored, list_code="US-NATIONAL", region="US", obtained_at=FULL_AT)
    old = read_version(stored / first.file)
    second, report = apply_changes(
        old, written(tmp_path, FLAT), stored, obtained_at=CHANGED_AT, region="US"
    )
    new = read_version(stored / second.file)
    assert list(new.bitmap) == [12125551234, 12125551236, 16462000000]
    assert list(old.bitmap) == [12125551235, 12125551236]
    assert (second.obtained_at, second.numbers, report.numbers) == (CHANGED_AT, 3, 3)
    assert versions(stored, "US-NATIONAL") == [first, second]


def test_an_older_change_list_is_refused(tmp_path: Path) -> None:
    full = written(tmp_path, "212,5551235\n", "full.txt")
    first, _ = build(full, tmp_path, list_code="US", region="US", obtained_at=CHANGED_AT)
    changes = written(tmp_path, FLAT)
    with pytest.raises(ValueError, match="older"):
        apply_changes(read_version(tmp_path / first.file), changes, tmp_path, obtained_at=FULL_AT)
    assert versions(tmp_path) == [first]
