"""The law on the command line: lists, consents, exemptions, evidence."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from cli.main import main
from tests.world import test_settings

NUMBER = "+12125551234"


class Outdial:
    """Runs ``outdial`` in this process: importing it anew for each command takes seconds."""

    def __init__(self, patch: pytest.MonkeyPatch, heard: pytest.CaptureFixture[str]) -> None:
        self.patch, self.heard = patch, heard

    def run(self, *arguments: str) -> tuple[int, str]:
        """Return the exit code and what was printed."""
        self.patch.setattr(sys, "argv", ["outdial", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), self.heard.readouterr().out

    def json(self, *arguments: str) -> Any:
        """Return what was printed as JSON; the command must succeed."""
        status, said = self.run(*arguments, "--json")
        assert status == 0, said
        return json.loads(said)

    def refused(self, *arguments: str) -> str:
        """Return the code of the refusal."""
        status, said = self.run(*arguments)
        assert status == 2, said
        return said.split(":")[0]


@pytest.fixture
def outdial(
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Outdial]:
    settings = test_settings(database_url, redis_url, dnc_dir=tmp_path / "dnc")
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)
    handlers = logging.getLogger().handlers[:]
    yield Outdial(monkeypatch, capsys)
    structlog.reset_defaults()  # it writes to the test's own stderr, which is gone now
    logging.getLogger().handlers[:] = handlers


@pytest.fixture
def alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Outdial:
    """Without any service: a command that wants one would try to start it here and fail."""
    (tmp_path / "run").write_text("not a directory")
    monkeypatch.setenv("OUTDIAL_RUN_DIR", str(tmp_path / "run"))
    for name in ("OUTDIAL_DATABASE_URL", "OUTDIAL_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return Outdial(monkeypatch, capsys)


def test_a_what_if_question_needs_no_services(alone: Outdial) -> None:
    question = ("--number", NUMBER, "--region", "US-NY", "--purpose", "sales")
    said = alone.json(
        *("compliance", "check", *question, "--channel", "human"),
        *("--at", "2026-11-23T13:00:00Z", "--consent", "all"),
    )
    assert {"allowed", "reasons", "next_allowed_at", "zones", "jurisdictions"} <= said.keys()
    assert (said["allowed"], said["next_allowed_at"]) == (True, "2026-11-23T13:00:00Z")
    status, table = alone.run("compliance", "check", *question, "--at", "2026-11-23T04:00:00Z")
    assert (status, "us-fed-window" in table) == (0, True)
    assert alone.refused("compliance", "check", "--number", "12", "--purpose", "sales") == (
        "invalid_phone"
    )
    assert alone.refused("compliance", "check", *question, "--at", "noon") == "bad_instant"
    rules = alone.json("compliance", "rules", "--jurisdiction", "US-FL", "--purpose", "sales")
    assert {"us-fl-window", "us-fed-window"} <= {rule["id"] for rule in rules}


def test_a_list_is_loaded_changed_and_asked(outdial: Outdial, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("212,5551234\n212,5551235\n")
    (tmp_path / "changes.txt").write_text("212,5551235,D\n")
    load = ("dnc", "load", "US-NATIONAL", str(tmp_path / "list.txt"))
    loaded = outdial.json(*load, "--obtained-at", "2026-01-02", "--for-everybody")
    assert (loaded["numbers"], loaded["whose"]) == (2, "everybody")
    assert outdial.refused(*load, "--obtained-at", "2026-01-01", "--for-everybody") == "older_list"
    assert outdial.refused("dnc", "load", "X", "no-such-file", "--obtained-at", "2026-01-01") == (
        "invalid"
    )
    change = ("dnc", "change", "US-NATIONAL", str(tmp_path / "changes.txt"), "--for-everybody")
    assert outdial.json(*change, "--obtained-at", "2026-01-03")["numbers"] == 1
    (row,) = outdial.json("dnc", "list")
    assert row["obtained_at"].startswith("2026-01-03")
    (said,) = outdial.json("dnc", "contains", NUMBER)
    assert (said["list"], said["listed"]) == ("US-NATIONAL", True)


def test_the_clients_own_list(outdial: Outdial, tmp_path: Path) -> None:
    (tmp_path / "numbers.csv").write_text("name,phone\nAnna,+1 212 555 1234\nBoris,nothing\n")
    added = outdial.json("dnc", "add", "--file", str(tmp_path / "numbers.csv"), "--region", "US")
    assert (added["numbers"], added["added"], added["lines_refused"]) == (1, 1, 1)
    assert outdial.json("dnc", "add", NUMBER)["added"] == 0
    assert outdial.refused("dnc", "add") == "invalid"
    (said,) = outdial.json("dnc", "contains", NUMBER)
    assert (said["list"], said["listed"]) == ("own", True)
    assert outdial.json("dnc", "remove", NUMBER, "--reason", "a typing error")["removed"] == 1
    assert outdial.refused("dnc", "remove", NUMBER, "--reason", "again") == "suppression_not_found"


def test_consents_and_their_evidence(outdial: Outdial, tmp_path: Path) -> None:
    file = tmp_path / "consents.csv"
    file.write_text(
        "number,kind,granted_at,proof\n"
        f"{NUMBER},prior_express_written,2026-01-01,form 1\n"
        f"{NUMBER},no_such_kind,2026-01-01,form 2\n"
    )
    assert outdial.run("consent", "import", str(file))[0] == 2
    assert outdial.json("consent", "list", NUMBER) == []
    taken = outdial.json("consent", "import", str(file), "--partly")
    assert (taken["recorded"], [row["line"] for row in taken["refused"]]) == (1, [3])
    outdial.json("consent", "add", "purchase", "--number", NUMBER, "--proof", "order 5")
    outdial.json("consent", "withdraw", NUMBER, "--reason", "asked", "--kind", "purchase")
    rows = outdial.json("consent", "list", NUMBER)
    assert [row["withdrawn_at"] is None for row in rows] == [False, True]
    out = tmp_path / "evidence.jsonl"
    manifest = outdial.json("compliance", "evidence", "--number", NUMBER, "--out", str(out))
    assert manifest["records"]["consent"] == 2
    assert len(out.read_text().splitlines()) == sum(manifest["records"].values())
    assert outdial.refused("compliance", "evidence", "--out", str(out)) == "invalid"


def test_an_exemption_takes_two_tokens(outdial: Outdial) -> None:
    def token(login: str) -> str:
        said = outdial.json("user", "token", login, "--role", "admin")
        return str(said["token"])

    propose = ("compliance", "propose-exemption", "ru-auto-ban", "--reason", "Counsel's opinion")
    one, two = token("one"), token("two")
    made = outdial.json(*propose, "--token", one)
    approve = ("compliance", "approve-exemption", made["id"], "--token")
    assert outdial.refused(*approve, one) == "second_person_needed"
    assert outdial.refused(*approve, "odt_wrong") == "unauthenticated"
    assert outdial.json(*approve, two)["state"] == "in_force"
    assert outdial.json("compliance", "end-exemption", made["id"])["state"] == "ended"
    (row,) = outdial.json("compliance", "exemptions")
    assert row["rule"] == "ru-auto-ban"


def test_emergencies_are_switched(outdial: Outdial) -> None:
    turn = ("us-la-emergency", "--reason", "Governor's order 5")
    assert outdial.json("compliance", "emergency", "on", *turn)["on"] is True
    shown = {row["switch"]: row["on"] for row in outdial.json("compliance", "emergency", "list")}
    assert shown == {"us-la-emergency": True, "us-ny-emergency": False}
    assert outdial.json("compliance", "emergency", "off", *turn)["on"] is False
    wrong = ("compliance", "emergency", "on", "us-atlantis", "--reason", "waves")
    assert outdial.refused(*wrong) == "unknown_switch"


def test_ranges_are_built_and_numbers_placed_again(outdial: Outdial, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("phone\n+7 901 134 45 67\n+7 495 123 45 67\n")
    outdial.json("import", str(tmp_path / "good.csv"))
    done = outdial.json("compliance", "place-again")
    assert (done["phones"], done["phones_moved"]) == (2, 0)
    source = tmp_path / "ranges.csv"
    source.write_text("first,last,region,zones\n79011344000,79011344999,PRI,Asia/Vladivostok\n")
    target = tmp_path / "ranges.txt"
    built = outdial.json("compliance", "ranges", "build", str(source), "--out", str(target))
    assert built["numbers"] == 1000
    assert "PRI" in target.read_text()
    assert outdial.refused("compliance", "ranges", "build", "no-such-file") == "invalid"


def test_caller_ids_have_limits_and_campaigns_have_pools(outdial: Outdial) -> None:
    add = ("caller-id", "add", NUMBER)
    limits = ("--region", "US-NY", "--attestation", "A", "--daily-cap", "50", "--rest-s", "60")
    made = outdial.json(*add, "--display-name", "Example Ltd", "--label", "Survey", *limits)
    assert (made["region"], made["daily_cap"], made["rest_s"]) == ("US-NY", 50, 60)
    changed = outdial.json(*add, "--daily-cap", "0")
    assert (changed["daily_cap"], changed["rest_s"], changed["label"]) == (None, 60, "Survey")
    assert outdial.refused(*add, "--region", "New York") == "invalid"
    assert outdial.refused(*add, "--attestation", "D") == "invalid"
    outdial.json("campaign", "create", "Spring")
    pool = ("campaign", "caller-ids", "Spring")
    assert outdial.json(*pool, NUMBER)["caller_ids"] == [NUMBER]
    assert outdial.refused(*pool, "+12125551299") == "caller_id_not_found"
    assert outdial.json(*pool)["caller_ids"] == []
    assert outdial.json("caller-id", "disable", NUMBER)["disabled_at"] is not None
    (row,) = outdial.json("caller-id", "list")
    assert row["disabled_at"] is not None
    assert outdial.json(*add)["disabled_at"] is None
    assert outdial.refused("caller-id", "disable", "+12125551299") == "caller_id_not_found"


def test_what_a_client_may_dial_is_set(outdial: Outdial) -> None:
    change = ("client", "set", "Alfa")
    allow = ("--allow-country", "ru", "--allow-country", "KZ", "--allow-number-type", "premium")
    made = outdial.json(*change, "--legal-entity", "Alfa LLC", *allow)
    assert made["allowed_countries"] == ["KZ", "RU"]
    assert outdial.json(*change, "--allow-country", "none")["allowed_countries"] == []
    shown = outdial.json("client", "show", "Alfa")
    assert (shown["legal_entity"], shown["allowed_number_types"]) == ("Alfa LLC", ["premium"])
    assert outdial.refused(*change, "--allow-country", "Atlantis") == "invalid"
    assert outdial.refused(*change, "--allow-number-type", "golden") == "invalid"
