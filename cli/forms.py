"""``outdial form``: questionnaires from and to files, checked, tried out, published."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from campaigns.forms import publishing
from campaigns.forms.answering.answers import Answers, Given, Person, Refused, json_of
from campaigns.forms.answering.engine import record, walk
from campaigns.forms.answering.showing import shown
from campaigns.forms.files.faults import Fault, UnreadableForm
from campaigns.forms.files.xlsform_reading import read_xlsform
from campaigns.forms.files.xlsform_writing import write_xlsform
from campaigns.forms.files.yaml_reading import read_yaml
from campaigns.forms.files.yaml_writing import write_yaml
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Matrix, Multiple, Question, Ranking
from campaigns.forms.words import NoAnswer
from cli.installation import opened
from cli.output import console, listing, report
from cli.users import AsJson, Client
from dialer.clock import SystemClock
from dialer.db import transaction
from dialer.errors import Invalid

app = typer.Typer(help="Questionnaires.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A YAML file, or an XLSForm workbook (.xlsx).")]
Code = Annotated[str, typer.Argument(help="The form's code.")]
Version = Annotated[int | None, typer.Option(help="The version; the newest when left out.")]
_LARGEST = 10 * 2**20


def read_form(file: Path) -> Form:
    """Return the form that a file says.

    Raises:
        UnreadableForm: it says none.
        Invalid: there is no such file.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise UnreadableForm([Fault("", "The file is larger than 10 MB.")])
        content = file.read_bytes()
    except OSError as error:
        raise Invalid(f"The file {file} cannot be read: {error.strerror}.") from error
    if file.suffix.lower() in (".xlsx", ".xls"):
        return read_xlsform(content, file.name)
    return read_yaml(content)


@app.command("import")
def import_form(file: File, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Save a file as the draft of the form it names."""
    asyncio.run(_import(read_form(file), client, as_json=as_json))


async def _import(form: Form, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        draft = await publishing.save_draft(
            session, form, client_id=work.client_id, user_id=None, clock=work.clock
        )
        facts = {"form": form.code, "version": draft.number, "questions": len(form.by_code)}
    report(facts, as_json=as_json)


@app.command("export")
def export_form(
    code: Code, file: File, version: Version = None, client: Client = "Outdial"
) -> None:
    """Write a version to a file; what an XLSForm cannot say is listed."""
    form = asyncio.run(_version(code, version, client))
    if file.suffix.lower() == ".xlsx":
        exported = write_xlsform(form)
        file.write_bytes(exported.content)
        if exported.lost:
            console.print("Not in the workbook, because XLSForm has no words for it:")
        for fault in exported.lost:
            console.print(f"  {fault}", markup=False, highlight=False)
    else:
        file.write_text(write_yaml(form), encoding="utf-8")


async def _version(code: str, version: int | None, client: str) -> Form:
    async with opened(client) as work, work.sessions() as session:
        found = await publishing.find_version(session, code, version, client_id=work.client_id)
        return publishing.form_in(found)


@app.command("check")
def check_form(file: File, as_json: AsJson = False) -> None:
    """Say what would bar a file's form from being published; nothing is stored."""
    findings = asyncio.run(publishing.findings_of(read_form(file)))
    rows = [publishing.said_of(finding) for finding in findings]
    listing(rows, as_json=as_json, empty="Nothing is wrong with this form.")
    if any(finding.bars for finding in findings):
        raise typer.Exit(2)


@app.command("publish")
def publish_form(code: Code, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Publish a form's draft: it never changes again, and new interviews take it."""
    asyncio.run(_publish(code, client, as_json=as_json))


async def _publish(code: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        version = await publishing.publish(
            session, code, client_id=work.client_id, user_id=None, clock=work.clock
        )
        facts = {"form": code, "version": version.number, "published_at": version.published_at}
    report(facts, as_json=as_json)


@app.command("list")
def list_forms(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's forms and their versions."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        found = await publishing.list_versions(session, client_id=work.client_id)
    rows = [
        {
            "form": form.code,
            "version": version.number,
            "published_at": version.published_at or "draft",
            "questions": len(publishing.form_in(version).by_code),
        }
        for form, version in found
    ]
    listing(rows, as_json=as_json, empty="No forms yet: `outdial form import <file>`.")


@app.command("try")
def try_form(
    file: File,
    language: Annotated[str, typer.Option(help="The language; the form's first if empty.")] = "",
    seed: Annotated[str, typer.Option(help="Whose order of rotation.")] = "",
    contact: Annotated[
        list[str] | None, typer.Option(help="A field of the contact: name=value.")
    ] = None,
) -> None:
    """Run through a file's form on the terminal; nothing is stored."""
    form = read_form(file)
    fields = dict(pair.partition("=")[::2] for pair in contact or [])
    person = Person(fields, seed, SystemClock().now().date())
    answers = Answers()
    while (now := walk(form, answers, person)).next is not None:
        seen = shown(form, now.next, now, person, language or form.languages[0])
        _say(seen, now.progress)
        after = record(form, answers, now.next.code, _heard(now.next, seen), person)
        if isinstance(after, Refused):
            console.print(f"[red]{after.reason.value}[/]: {escape(after.sentence)}")
        else:
            answers = after
    console.print(f"\nThe interview is over: {now.ending.value if now.ending else '-'}.")
    console.print(f"Path: {' '.join(now.path)}", markup=False, highlight=False)
    report({code: _shown(answer.as_json()) for code, answer in now.counted.items()}, as_json=False)


def _shown(stored: dict[str, Any]) -> str:
    return " ".join(str(json_of(value)) for value in stored.values())


def _say(seen: dict[str, Any], progress: float) -> None:
    console.print(f"\n{progress:.0%} {seen['code']} ({seen['type']})", style="dim", highlight=False)
    for line in (seen["text"], seen["hint"]):
        if line:
            console.print(line, markup=False, highlight=False)
    for listed in ("rows", "options", "parts"):
        for one in seen.get(listed, ()):
            console.print(f"  {one['code']}  {one['text']}", markup=False, highlight=False)


def _heard(question: Question, seen: dict[str, Any]) -> Any:
    """Ask the terminal: options apart by commas, parts as ``row=option``; ``?`` and ``-`` are no answer."""
    if not isinstance(question, Asking):
        typer.prompt("Enter", default="", show_default=False)
        return True
    line = str(typer.prompt("Answer", default=seen["default"], show_default=bool(seen["default"])))
    words = {"?": NoAnswer.DONT_KNOW, "-": NoAnswer.REFUSED}
    if line.strip() in words:
        return words[line.strip()]
    parts = [part.strip() for part in line.split(",") if part.strip()]
    if isinstance(question, Multiple | Ranking):
        codes = [part.partition("=")[0] for part in parts]
        return Given(codes, other=next((p.partition("=")[2] for p in parts if "=" in p), ""))
    if isinstance(question, Matrix) or question.type == "address":
        return dict(part.partition("=")[::2] for part in parts)
    if question.type == "single":
        code, _, other = line.partition("=")
        return Given(code.strip(), other=other)
    return line
