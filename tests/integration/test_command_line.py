"""The command line as a person meets it: what is wrong is told in a sentence, and nothing is lost."""

import json
from pathlib import Path

from tests.commands import Outdial


def test_files_that_cannot_be_used_are_refused_with_a_reason(
    outdial: Outdial, tmp_path: Path
) -> None:
    (tmp_path / "nobody.csv").write_text("Name,City\nAnna,Rome\nBoris,Oslo\n")
    (tmp_path / "noise.csv").write_bytes(b"\x00\x01\x02\x03PNG")
    (tmp_path / "good.csv").write_text("phone;name\n+7 495 123 45 67;A\nabc;B\n")
    for name, region, code in (
        ("missing.csv", "RU", "invalid"),
        ("nobody.csv", "RU", "no_phone_column"),
        ("noise.csv", "RU", "unreadable_file"),
        ("good.csv", "XX", "unknown_region"),
    ):
        status, said = outdial("import", str(tmp_path / name), "--region", region)
        assert (status, said.strip().startswith(f"{code}:")) == (2, True), said


def test_a_list_goes_in_and_what_was_refused_comes_back(outdial: Outdial, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("phone;name\n+7 495 123 45 67;A\nabc;B\n")
    assert outdial("trunk", "add", "carrier")[0] == 0
    hours = json.dumps({"hours": {"mon": [["09:00", "20:00"]]}, "purpose": "survey"})
    made = outdial("campaign", "create", "First", "--trunk", "carrier", "--settings", hours)
    assert made[0] == 0
    status, said = outdial("campaign", "start", "First")
    assert (status, said.startswith("no_contacts:")) == (2, True)
    status, said = outdial(
        *("import", str(tmp_path / "good.csv"), "--campaign", "First", "--json"),
        *("--refused", str(tmp_path / "refused.csv")),
    )
    report = json.loads(said)
    rows = (report["rows_in"], report["rows_accepted"], report["rows_refused"])
    assert (status, rows) == (0, (2, 1, 1))
    assert report["leads_enrolled"] == 1
    assert "invalid_phone" in (tmp_path / "refused.csv").read_text("utf-8-sig")
    status, said = outdial("campaign", "start", "First", "--json")
    assert (status, json.loads(said)["state"]) == (0, "running")
    status, said = outdial("campaign", "why", "First", "--json")
    assert "no dialing worker" in json.loads(said)["campaign"][0]
    status, said = outdial("export", "First", "--out", str(tmp_path / "out.csv"), "--json")
    assert (status, json.loads(said)["rows"]) == (0, 1)


def test_a_campaign_without_hours_does_not_start_on_a_real_trunk(
    outdial: Outdial, tmp_path: Path
) -> None:
    (tmp_path / "good.csv").write_text("phone\n+7 495 123 45 67\n")
    outdial("trunk", "add", "carrier")
    outdial("campaign", "create", "First", "--trunk", "carrier")
    outdial("import", str(tmp_path / "good.csv"), "--campaign", "First")
    status, said = outdial("campaign", "start", "First")
    assert (status, "hours" in said) == (2, True)


def test_the_demo_keeps_away_from_a_real_installation(outdial: Outdial) -> None:
    status, said = outdial("demo")
    assert (status, "OUTDIAL_DATABASE_URL" in said) == (2, True)
