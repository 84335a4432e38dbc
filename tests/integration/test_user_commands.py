"""``outdial user`` and ``outdial audit``: people made, shut out, let in, and what is kept of it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from dialer.settings import child_environment
from tests.world import test_settings

Run = Any


@pytest.fixture
def outdial(database_url: str, redis_url: str) -> Run:
    """Run ``outdial`` on the test's database; return its exit code and what it said."""
    environment = child_environment(test_settings(database_url, redis_url), {"COLUMNS": "200"})

    def run(*arguments: str, typed: str = "") -> tuple[int, str]:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "cli", *arguments],
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done.returncode, done.stdout

    return run


def test_a_user_from_the_first_password_to_the_last_entry(outdial: Run) -> None:
    status, said = outdial("user", "add", "anna", "--role", "supervisor", "--json")
    made = json.loads(said)
    assert (status, made["role"], len(made["password"])) == (0, "supervisor", 23)
    assert outdial("user", "add", "anna")[1].startswith("name_taken:")
    typed = "lilac tram eleven\nlilac tram eleven\n"
    status, said = outdial("user", "password", "anna", "--ask", typed=typed)
    assert (status, "lilac" in said) == (0, False)
    status, said = outdial("user", "password", "anna", "--ask", typed="password\npassword\n")
    assert (status, "short_password" in said) == (2, True)
    again = json.loads(outdial("user", "password", "anna", "--json")[1])["password"]
    assert again != made["password"]
    assert outdial("user", "set-role", "anna", "manager")[0] == 0
    assert json.loads(outdial("user", "sign-out", "anna", "--json")[1])["sessions_ended"] == 0
    assert "there was none" in outdial("user", "reset-second-factor", "anna")[1]
    assert outdial("user", "unlock", "anna")[0] == 0
    token = json.loads(outdial("user", "token", "anna", "--json")[1])["token"]
    assert token.startswith("odt_")
    revoked = json.loads(outdial("user", "revoke-tokens", "anna", "--json")[1])
    assert revoked["tokens_revoked"] == 1
    assert outdial("user", "disable", "anna")[0] == 0
    (row,) = json.loads(outdial("user", "list", "--json")[1])
    assert (row["login"], row["role"], row["password"]) == ("anna", "manager", "to be changed")
    assert row["disabled_at"]
    assert outdial("user", "enable", "anna")[0] == 0
    status, said = outdial("client", "set", "Outdial", "--second-factor", "admin", "--json")
    assert json.loads(said)["second_factor_roles"] == ["admin"]
    status, said = outdial("client", "set", "Outdial", "--second-factor", "king")
    assert (status, "is no role" in said) == (2, True)
    entries = json.loads(outdial("audit", "--json", "--subject", "user_account")[1])
    assert [entry["action"] for entry in reversed(entries)] == [
        "user.created",
        *["password.changed"] * 3,
        "user.role_changed",
        "user.unlocked",
        "token.issued",
        "token.revoked",
        "user.disabled",
        "user.enabled",
    ]
    assert {entry["by"] for entry in entries} == {"command line"}
    assert again not in str(entries)
    found = json.loads(outdial("audit", "--action", "client.", "--json")[1])
    assert len(found) == 1
    assert outdial("audit", "--user", "anna")[1].strip() == "Nothing was found."


def test_another_clients_user_is_not_there(outdial: Run) -> None:
    assert outdial("user", "add", "anna", "--client", "First")[0] == 0
    for command in ("disable", "password", "sign-out", "reset-second-factor"):
        status, said = outdial("user", command, "anna", "--client", "Second")
        assert (status, said.startswith("user_not_found:")) == (2, True), command
    assert outdial("audit", "--client", "Second")[1].strip() == "Nothing was found."
