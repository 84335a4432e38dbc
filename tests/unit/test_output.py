"""What commands print: a client's text is shown as it is."""

import pytest

from cli import main, output
from dialer.errors import Invalid

BRACKETS = "[/x] [bold]Anna[/bold] :smile:"


def test_brackets_of_a_client_are_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output.console, "width", 200)
    with output.console.capture() as said:
        output.report({"columns": [BRACKETS]}, as_json=False, title=BRACKETS)
        output.listing([{"name": BRACKETS}], as_json=False, empty="")
    assert said.get().count(BRACKETS) == 3


def test_facts_of_a_refusal_are_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise Invalid("No.", file=BRACKETS)

    monkeypatch.setattr(output.console, "width", 200)
    monkeypatch.setattr(main, "_program", lambda _: refuse)
    with output.console.capture() as said, pytest.raises(SystemExit):
        main.main()
    assert BRACKETS in said.get()
