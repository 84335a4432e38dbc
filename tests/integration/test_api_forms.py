"""Forms and interviews over the API and on the command line."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from campaigns.forms.files.xlsform_reading import read_xlsform
from campaigns.forms.files.yaml_writing import write_yaml
from campaigns.tenancy.models import Role
from cli.main import main
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World, api_world
from tests.questionnaires import form_of, question

V1 = "/api/v1/forms"
FORM = form_of(
    question("q1", text={"en": "Hello?", "uk": "Вітаю?"}),
    question("q2", "text", text="You said {{ answers.q1 }}", show_if="q1 != 'c'"),
    languages=["en", "uk"],
)


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def test_a_form_goes_from_draft_to_results(world: World) -> None:
    manager, agent = await world.api(), await world.api(Role.AGENT)
    made = await manager.post(V1, json={"yaml": write_yaml(FORM)})
    assert made.status_code == 201, made.text
    assert made.json()["published_at"] is None
    assert (await manager.get(f"{V1}/test/findings")).json() == []
    assert (await manager.post(f"{V1}/test/publish")).json()["number"] == 1
    assert (await manager.post(f"{V1}/test/publish")).json()["code"] == "nothing_to_publish"
    begun = (await agent.post(f"{V1}/test/interviews", json={"language": "uk"})).json()
    assert begun["next"]["text"] == "Вітаю?"
    one = f"{V1}/interviews/{begun['id']}"
    refused = await agent.put(f"{one}/answers/q1", json={"value": "x", "sequence": 1})
    assert (refused.status_code, refused.json()["code"]) == (422, "answer_not_taken")
    saved = await agent.put(f"{one}/answers/q1", json={"value": "a", "sequence": 2})
    assert saved.json()["interview"]["next"]["text"] == "You said A"
    late = await agent.put(f"{one}/answers/q1", json={"value": "b", "sequence": 1})
    assert late.json()["stored"] is False
    assert (await agent.post(f"{one}/finish")).json()["code"] == "interview_not_over"
    await agent.put(f"{one}/answers/q2", json={"value": "<b>", "sequence": 3})
    done = (await agent.post(f"{one}/finish")).json()
    assert done["ending"] == "complete"
    assert done["answers"] == {"q1": {"value": "a"}, "q2": {"value": "<b>"}}
    assert (await agent.get(one)).json()["progress"] == 1


async def test_files_and_changes(world: World) -> None:
    manager = await world.api()
    await manager.post(V1, json={"yaml": write_yaml(FORM)})
    await manager.post(f"{V1}/test/publish")
    book = await manager.get(f"{V1}/test/xlsform")
    assert read_xlsform(book.content) == FORM
    assert book.headers["X-Lost"] == "0"
    more = FORM.model_copy(update={"region": "UA"})
    await manager.post(V1, json={"yaml": write_yaml(more)})
    found = await manager.get(f"{V1}/test/changes", params={"old": 1, "new": 2})
    assert found.json() == [{"code": "form", "kind": "settings", "detail": "region"}]
    again = await manager.post(f"{V1}/xlsform", content=book.content)
    assert (again.status_code, again.json()["number"]) == (201, 2)
    assert (await manager.get(f"{V1}/test/yaml", params={"version": 1})).text == write_yaml(FORM)
    bad = await manager.post(V1, json={"yaml": "code: a\nb: c"})
    assert (bad.status_code, bad.json()["code"]) == (422, "unreadable_form")
    assert "line 2: b: Extra inputs are not permitted." in bad.text


async def test_who_may_do_what(world: World) -> None:
    manager = await world.api()
    await manager.post(V1, json={"yaml": write_yaml(FORM)})
    await manager.post(f"{V1}/test/publish")
    begun = (await manager.post(f"{V1}/test/interviews", json={})).json()
    stranger = await world.api(client_id=world.other_client_id)
    assert (await stranger.get(V1)).json() == []
    for path in ("test/yaml", "test/findings", f"interviews/{begun['id']}"):
        assert (await stranger.get(f"{V1}/{path}")).status_code == 404
    reader, agent = await world.api(Role.CLIENT), await world.api(Role.AGENT)
    assert (await reader.get(f"{V1}/test/yaml")).status_code == 403
    assert (await reader.post(f"{V1}/test/publish")).status_code == 403
    assert (await reader.post(f"{V1}/test/interviews", json={})).status_code == 403
    assert (await agent.post(V1, json={"yaml": write_yaml(FORM)})).status_code == 403
    assert (await world.anonymous().get(V1)).status_code == 401


def test_the_command_line_checks_and_tries_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from typer.testing import CliRunner

    from cli.forms import app

    file = tmp_path / "form.yaml"
    file.write_text(write_yaml(FORM), encoding="utf-8")
    run = CliRunner()
    assert "Nothing is wrong" in run.invoke(app, ["check", str(file)]).output
    tried = run.invoke(app, ["try", str(file)], input="x\na\n[b]words\n")
    assert tried.exit_code == 0, tried.output
    assert "unknown_option" in tried.output
    assert "You said A" in tried.output
    assert "Path: q1 q2" in tried.output
    file.write_text(write_yaml(form_of(question("q1", show_if="q1 = 'a'"))), encoding="utf-8")
    wrong = run.invoke(app, ["check", str(file), "--json"])
    assert (wrong.exit_code, '"loop"' in wrong.output) == (2, True)
    file.write_text("code: [", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["outdial", "form", "check", str(file)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "unreadable_form" in capsys.readouterr().out
