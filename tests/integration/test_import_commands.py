"""``outdial import``, ``imports`` and ``erase`` as a person types them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dialer.settings import Settings
from tests.commands import outdial_with
from tests.imports_world import people
from tests.world import test_settings

Run = Callable[..., tuple[int, Any]]
FIRST = people("1;Anna;8 495 123-45-67", "2;Boris;nonsense", headings="id;name;phone")


def run_with(settings: Settings) -> Run:
    """Return a way to run ``outdial``; it gives the exit code, and what was said (JSON read)."""
    outdial = outdial_with(settings)

    def run(*arguments: object) -> tuple[int, Any]:
        code, said = outdial(*arguments)
        return code, json.loads(said) if said.startswith(("{", "[")) else said

    return run


@pytest.fixture
def outdial(database_url: str, redis_url: str, tmp_path: Path) -> Run:
    dirs = {"uploads_dir": tmp_path / "uploads", "run_dir": tmp_path / "run"}
    return run_with(test_settings(database_url, redis_url, **dirs))


def test_a_dry_run_needs_no_installation(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    alone = run_with(Settings(run_dir=run_dir))
    file = tmp_path / "people.csv"
    file.write_bytes(FIRST + b"3;Vera;+7 (495) 123 45 67\n4;Gleb;7.9E+10\n5;Dina;\n")
    status, said = alone("import", file, "--region", "RU", "--dry-run", "--json")
    assert status == 0, said
    assert (said["rows"], said["accepted"], said["phones"]) == (5, 1, 1)
    reasons = ("duplicate", "invalid_phone", "damaged_phone", "no_phone")
    assert said["refused"] == dict.fromkeys(reasons, 1)
    assert said["mapping"] == {"phone": "phone", "id": "external_key", "name": "name"}
    by_key = ("--duplicates-by", "key", "--duplicates", "update")
    assert alone("import", file, "--dry-run", "--json", *by_key)[1]["accepted"] == 2
    assert not run_dir.exists()
    file.write_text("phone [/x],name\n+88216 700 0000,[/x] Anna\n+7 495 123-45-67,Boris\n")
    status, told = alone("import", file, "--dry-run")
    assert (status, "phone [/x]" in told) == (0, True), told
    said = alone("import", file, "--dry-run", "--json")[1]
    assert (said["accepted"], sum(said["refused"].values())) == (1, 1), said


def test_columns_can_be_mapped_by_hand(tmp_path: Path) -> None:
    alone = run_with(Settings(run_dir=tmp_path / "run"))
    file = tmp_path / "people.csv"
    file.write_bytes(people("Anna;call 84951234567 x", headings="company;memo"))
    dry = ("import", file, "--dry-run", "--json")
    said = alone(*dry, "--map", "memo=phone:work", "--map", "company=name")[1]
    assert said["mapping"] == {"memo": "phone", "company": "name"}
    for wrong in ("memo", "fax=phone", "memo=fax"):
        status, said = alone(*dry, "--map", wrong)
        assert status == 2, said


def test_a_huge_file_is_refused_before_anything_starts(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(2 * 1024**3)
    for more in ((), ("--dry-run",)):
        status, said = run_with(Settings(run_dir=run_dir))("import", huge, *more)
        assert (status, said.startswith("file_too_large:")) == (2, True)
        assert "at most 1 GB" in said
    assert not run_dir.exists()


def test_mended_rows_complete_the_list_and_an_undo_takes_them_back(
    outdial: Run, tmp_path: Path
) -> None:
    file, refused, mended = (tmp_path / name for name in ("p.csv", "refused.csv", "mended.csv"))
    file.write_bytes(FIRST)
    consent = ("--consent", "prior_express_written", "--consent-proof", "form 17")
    more = (*consent, "--name", "People", "--refused", refused, "--json")
    status, first = outdial("import", file, *more)
    assert (status, first["rows_accepted"], first["consents"]) == (0, 1, 1), first
    text = refused.read_text("utf-8-sig")
    mended.write_text(text.replace("nonsense", "8 495 123-45-68"), "utf-8-sig")
    into = ("import", mended, "--list", "People", "--json")
    told = outdial(*into, "--dry-run")[1]
    assert (told["rows"], told["accepted"], told["refused"]) == (1, 1, {})
    second = outdial(*into)[1]
    assert (second["list_id"], second["rows_accepted"]) == (first["list_id"], 1)
    listed = outdial("imports", "list", "--json")[1]
    assert [one["file"] for one in listed] == ["mended.csv", "p.csv"]
    assert outdial("imports", "undo", first["import_id"])[0] == 2  # the later one goes first
    for report in (second, first):
        status, undone = outdial("imports", "undo", report["import_id"], "--json")
        assert (status, undone["contacts"]) == (0, 1)
    shown = outdial("imports", "show", first["import_id"], "--json")[1]
    assert (shown["state"], shown["file_name"]) == ("undone", "p.csv")
    assert (
        len(list((tmp_path / "uploads").iterdir())) <= 2
    )  # the next sweep takes what nobody names


def test_a_dry_run_with_a_campaign_counts_the_skips(outdial: Run, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_bytes(FIRST)
    assert outdial("trunk", "add", "carrier")[0] == 0
    settings = json.dumps({"purpose": "sales"})
    made = outdial("campaign", "create", "First", "--trunk", "carrier", "--settings", settings)
    assert made[0] == 0
    outdial("import", file)
    more = ("--campaign", "First", "--duplicates-scope", "client", "--dry-run", "--json")
    status, told = outdial("import", file, *more)
    assert status == 0, told
    assert told["refused"] == {"duplicate": 1, "invalid_phone": 1}
    assert (told["accepted"], told["window_closed"]) == (0, 0)
    assert len(outdial("imports", "list", "--json")[1]) == 1


def test_an_erasure_gives_a_receipt(outdial: Run, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_bytes(FIRST)
    outdial("import", file)
    why = ("--reason", "letter", "--json")
    status, receipt = outdial("erase", "--number", "+7 495 123 45 67", *why)
    assert status == 0, receipt
    counts = receipt["counts"]
    assert (counts["contact"], counts["phone"], counts["suppression"]) == (1, 1, 1)
    assert len(receipt["digest"]) == 64
    assert outdial("erase", *why)[0] == 2
    assert outdial("erase", "--number", "8 495 123 45 67", *why)[0] == 2


def test_a_file_that_cannot_be_used_leaves_nothing(outdial: Run, tmp_path: Path) -> None:
    file = tmp_path / "nobody.csv"
    file.write_bytes(people("Anna;Rome", headings="name;city"))
    status, said = outdial("import", file)
    assert (status, said.strip().startswith("no_phone_column:")) == (2, True)
    assert outdial("imports", "list", "--json")[1] == []
    assert list((tmp_path / "uploads").iterdir()) == []
