"""``outdial compliance check`` and ``rules``: the law alone. They open nothing and start at once."""

from typing import Annotated, Any

import typer

from campaigns.law.instants import parse_instant
from campaigns.law.whatif import Question
from campaigns.law.whatif import check as ask
from campaigns.law.wording import applies_to, effective, what
from cli.law import e164_of, law_of
from cli.output import listing, report
from compliance.rulebook.rules import Channel, Party, Purpose
from dialer import settings as dialer_settings
from dialer.clock import SystemClock

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

#: What the table of rules has room for; JSON has everything.
_SHOWN_OF_RULES = ("id", "what", "source", "effective")

#: What people see of an answer before what it rests on; JSON has everything.
_FIRST = ("allowed", "reasons", "next_allowed_at", "zones", "jurisdictions", "rules", "remedies")


def check(
    number: Annotated[str, typer.Option(help="The number, with its country code.")],
    purpose: Annotated[Purpose, typer.Option(help="What the call is for.")],
    region: Annotated[
        str | None, typer.Option(help="The contact's region: US-NY, or its name.")
    ] = None,
    channel: Annotated[
        Channel, typer.Option(help="Who dials and who talks, as the law sees it.")
    ] = Channel.HUMAN,
    party: Annotated[Party, typer.Option(help="Who is called.")] = Party.CONSUMER,
    consent: Annotated[
        list[str] | None,
        typer.Option(help="A kind of consent on record, or all; may be repeated."),
    ] = None,
    zone: Annotated[str | None, typer.Option(help="The contact's IANA time zone.")] = None,
    postal_code: Annotated[str | None, typer.Option(help="The contact's ZIP code (US).")] = None,
    at: Annotated[
        str | None, typer.Option(help="The instant, 2026-11-23T13:00:00Z; now when left out.")
    ] = None,
    operator_contract: Annotated[
        bool, typer.Option(help="The operator's contract names the caller and the purpose.")
    ] = True,
    emergency: Annotated[
        list[str] | None, typer.Option(help="A switch that is on; may be repeated.")
    ] = None,
    ring_timeout_s: Annotated[
        float, typer.Option(min=0, max=120, help="Seconds a call may ring on past its placing.")
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Ask whether a number may be dialled, by the law alone. Needs no database."""
    law = law_of(dialer_settings.load())
    question = Question(
        e164=e164_of(number, region),
        purpose=purpose,
        channel=channel,
        at=parse_instant(at) if at else SystemClock().now(),
        party=party,
        region=region,
        zone=zone,
        postal_code=postal_code,
        consents=tuple(consent or ()),
        operator_contract=operator_contract,
        emergencies=frozenset(emergency or ()),
        ring_timeout_s=ring_timeout_s,
    )
    answer = ask(law, question)
    report(answer if as_json else _for_people(answer), as_json=as_json)


def _for_people(answer: dict[str, Any]) -> dict[str, Any]:
    rules = [
        ": ".join([rule["id"], *(rule[key] for key in ("what", "source") if key in rule)])
        for rule in answer["rules"]
    ]
    first = {name: answer[name] for name in _FIRST}
    return first | {
        "allowed": "yes" if answer["allowed"] else "no",
        "rules": rules,
        "place": f"{answer['place_confidence']}, from {answer['place_source']}",
        "ignored": answer["ignored"],
        "assumed": answer["assumed"],
    }


def rules(
    jurisdiction: Annotated[
        str | None, typer.Option(help="US for a country with its parts, US-FL for one of them.")
    ] = None,
    purpose: Annotated[Purpose | None, typer.Option(help="Only rules on such calls.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the rules with their sources. Needs no database."""
    law = law_of(dialer_settings.load())
    rows = [
        {
            "id": rule.id,
            "jurisdiction": rule.jurisdiction,
            "kind": rule.kind.value,
            "what": what(rule),
            "source": rule.source,
            "verified": rule.verified,
            "effective": effective(rule),
        }
        for rule in law.book.rules
        if (jurisdiction is None or applies_to(rule, jurisdiction))
        and (purpose is None or purpose in rule.purposes)
    ]
    shown = rows if as_json else [{name: row[name] for name in _SHOWN_OF_RULES} for row in rows]
    listing(shown, as_json=as_json, empty="No rule: neither of the packs nor of the operator.")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("check")(check)
    app.command("rules")(rules)


def light_app() -> typer.Typer:
    """Return a program that has these commands only: importing all the others takes seconds."""
    app, compliance = typer.Typer(pretty_exceptions_enable=False), typer.Typer()
    add_to(compliance)
    app.add_typer(compliance, name="compliance")
    app.callback()(lambda: None)
    return app
