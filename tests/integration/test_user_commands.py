"""``outdial user`` and ``outdial audit``: people made, shut out, let in, and what is kept of it."""

import logging
from collections.abc import Iterator

import pytest
import structlog
import typer

from tests.integration.test_command_line_law import Outdial
from tests.world import test_settings

LILAC = "lilac tram eleven"


@pytest.fixture
def outdial(
    database_url: str,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Outdial]:
    for name, value in test_settings(database_url, redis_url).as_environment().items():
        monkeypatch.setenv(name, value)
    handlers = logging.getLogger().handlers[:]
    yield Outdial(monkeypatch, capsys)
    structlog.reset_defaults()  # it writes to the test's own stderr, which is gone now
    logging.getLogger().handlers[:] = handlers


def _actions(outdial: Outdial) -> list[str]:
    entries = outdial.json("audit", "--subject", "user_account")
    assert {entry["by"] for entry in entries} == {"command line"}
    assert {entry["about"] for entry in entries} == {"anna"}
    return [entry["action"] for entry in reversed(entries)]


def test_a_user_is_made_and_gets_passwords(outdial: Outdial) -> None:
    made = outdial.json("user", "add", "anna", "--role", "supervisor")
    assert (made["role"], len(made["password"])) == ("supervisor", 23)
    assert outdial.refused("user", "add", "anna") == "name_taken"
    again = outdial.json("user", "password", "anna")["password"]
    assert again != made["password"]
    typed = iter([LILAC, "password"])
    outdial.patch.setattr(typer, "prompt", lambda *_, **__: next(typed))
    assert LILAC not in str(outdial.json("user", "password", "anna", "--ask"))
    assert outdial.refused("user", "password", "anna", "--ask") == "short_password"
    (row,) = outdial.json("user", "list")
    assert (row["login"], row["password"]) == ("anna", "to be changed")
    assert _actions(outdial) == ["user.created", *["password.changed"] * 3]
    assert again not in str(outdial.json("audit"))


def test_a_user_is_shut_out_and_let_in_and_all_is_kept(outdial: Outdial) -> None:
    token = outdial.json("user", "token", "anna", "--role", "supervisor")["token"]
    assert token.startswith("odt_")
    outdial.json("user", "set-role", "anna", "manager")
    outdial.json("user", "disable", "anna")
    outdial.json("user", "disable", "anna")  # no second entry
    (row,) = outdial.json("user", "list")
    assert (row["role"], row["password"], bool(row["disabled_at"])) == ("manager", "none", True)
    assert outdial.json("user", "enable", "anna")["disabled_at"] is None
    assert outdial.json("user", "sign-out", "anna")["sessions_ended"] == 0
    assert outdial.json("user", "reset-second-factor", "anna")["second_factor"] == "there was none"
    outdial.json("user", "unlock", "anna")
    assert outdial.json("user", "revoke-tokens", "anna")["tokens_revoked"] == 1
    assert _actions(outdial) == [
        "user.created",
        "token.issued",
        "user.role_changed",
        "user.disabled",
        "user.enabled",
        "user.unlocked",
        "token.revoked",
    ]
    assert outdial.json("audit", "--user", "anna") == []


def test_a_client_demands_the_second_factor_of_roles(outdial: Outdial) -> None:
    demand = ("client", "set", "Outdial", "--second-factor")
    assert outdial.json(*demand, "admin")["second_factor_roles"] == ["admin"]
    assert outdial.refused(*demand, "king") == "invalid"
    assert outdial.json(*demand, "none")["second_factor_roles"] == []
    entries = outdial.json("audit", "--action", "client.")
    assert entries[0]["facts"] == {"second_factor_roles": {"from": ["admin"], "to": []}}


def test_another_clients_user_is_not_there(outdial: Outdial) -> None:
    outdial.json("user", "add", "anna", "--client", "First")
    for command in ("disable", "password", "sign-out", "reset-second-factor"):
        assert outdial.refused("user", command, "anna", "--client", "Second") == "user_not_found"
    assert outdial.json("audit", "--client", "Second") == []
    assert len(outdial.json("audit", "--client", "First")) == 2


def test_a_user_works_for_other_clients_and_makes_new_ones(outdial: Outdial) -> None:
    outdial.json("user", "add", "anna", "--role", "manager")
    given = outdial.json("user", "give-access", "anna", "--to", "Acme", "--role", "supervisor")
    assert (given["works_for"], given["role"]) == ("Acme", "supervisor")
    assert outdial.refused("user", "give-access", "anna", "--to", "Outdial", "--role", "admin")
    assert outdial.json("user", "manage-clients", "anna")["manages_clients"] is True
    assert outdial.json("user", "manage-clients", "anna", "--no-allow")["manages_clients"] is False
    outdial.json("user", "take-access", "anna", "--to", "Acme")
    assert outdial.refused("user", "take-access", "anna", "--to", "Acme") == "access_not_found"
    done = outdial.json("audit", "--client", "Acme", "--subject", "user_account")
    assert [entry["action"] for entry in reversed(done)] == ["access.given", "access.taken"]
    shown = outdial.json("client", "set", "Acme", "--zone", "Asia/Almaty")
    assert (shown["zone"], shown["archived_at"]) == ("Asia/Almaty", None)
    assert outdial.refused("client", "set", "Acme", "--zone", "Mars/Olympus") == "invalid"
