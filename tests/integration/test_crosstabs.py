"""Cross-tables over three versions of a form: page, API and workbook against plain SQL."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.crosstabs.statistics import wilson
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.survey_world import CITIES, SurveyWorld

#: Answers as they were saved: no roll-up, no result that was worked out.
_PLAIN = """
    SELECT r.answer ->> 'value' AS down, c.answer ->> 'value' AS across, count(*) AS people
    FROM interview i
    JOIN interview_answer r ON r.interview_id = i.id AND r.code = :rows
    JOIN interview_answer c ON c.interview_id = i.id AND c.code = :columns
    WHERE i.client_id = :client_id AND i.ending = 'complete'
      AND r.answer ? 'value' AND c.answer ? 'value'
    GROUP BY 1, 2
"""


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def survey(sessions: SessionFactory, clock: FrozenClock) -> SurveyWorld:
    return await SurveyWorld.build(sessions, clock)


async def _plain(survey: SurveyWorld, rows: str, columns: str) -> dict[tuple[str, str], int]:
    async with survey.sessions() as session:
        facts = {"rows": rows, "columns": columns, "client_id": survey.client_id}
        found = await session.execute(text(_PLAIN), facts)
        return {(row.down, row.across): row.people for row in found}


def _cells(said: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    heads = [head["code"] for head in said["heads"]]
    return {
        (line["code"], head): cell
        for line in said["lines"]
        for head, cell in zip(heads, line["cells"], strict=True)
    }


async def _ask(world: World, survey: SurveyWorld, **asked: Any) -> dict[str, Any]:
    api = await world.api(Role.CLIENT, survey.client_id)
    answer = await api.get("/api/v1/crosstabs", params={"form": "survey", **asked})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_counts_are_those_of_plain_sql_over_all_versions(
    world: World, survey: SurveyWorld
) -> None:
    said = await _ask(world, survey, rows="mood", columns="sex")
    plain = await _plain(survey, "mood", "sex")
    cells = _cells(said)
    assert {key: cell["count"] for key, cell in cells.items() if key[1] and cell["count"]} == plain
    assert [line["code"] for line in said["lines"]] == ["b", "c", "d", "a"], (
        "options of all versions"
    )
    base = sum(plain.values())
    assert said["heads"][0]["base"] == {"count": base, "weighted": base, "effective": base}
    one = cells["b", "f"]
    women = sum(n for (_, sex), n in plain.items() if sex == "f")
    interval = wilson(plain["b", "f"] / women, women)
    assert interval is not None
    assert (one["of_column"], one["low"], one["high"]) == pytest.approx(
        (plain["b", "f"] / women, interval.low, interval.high)
    )
    told = {(one["variable"], one["why"]): one["count"] for one in said["missing"]}
    assert told.keys() <= {("mood", "refused"), ("mood", "dont_know")}
    assert base + sum(told.values()) == len(survey.interviews)
    only = await _ask(world, survey, rows="mood", columns="form_version", version=[1, 2])
    assert [head["code"] for head in only["heads"]] == ["", "1", "2", "3"]
    assert only["heads"][3]["base"]["count"] == 0


async def test_several_answers_matrices_scales_and_columns_of_contacts(
    world: World, survey: SurveyWorld
) -> None:
    async with survey.sessions() as session:
        listed = await session.execute(
            text(
                "SELECT a.answer -> 'value' ->> n AS option, count(*) AS people"
                " FROM interview i JOIN interview_answer a ON a.interview_id = i.id, generate_series(0, 2) n"
                " WHERE a.code = 'seen' AND i.ending = 'complete' AND a.answer -> 'value' ->> n IS NOT NULL"
                " GROUP BY 1"
            )
        )
        seen = {row.option: row.people for row in listed}
        cities = await session.execute(
            text(
                "SELECT c.fields ->> 'Город' AS city, count(*) AS people FROM interview i"
                " JOIN contact c ON c.id = i.contact_id WHERE i.ending = 'complete' GROUP BY 1"
            )
        )
        by_city = {row.city: row.people for row in cities}
    said = await _ask(world, survey, rows="seen", columns="contact:Город")
    assert {line["code"]: line["cells"][0]["count"] for line in said["lines"]} == seen
    assert {head["code"] for head in said["heads"]} == {"", *CITIES}
    towns = await _ask(world, survey, rows="contact:Город")
    assert {line["code"]: line["cells"][0]["count"] for line in towns["lines"]} == by_city
    scale = await _ask(world, survey, rows="q3__v2", columns="grid.r1")
    assert [line["code"] for line in scale["lines"]] == ["1", "2", "3"]
    plain = await _plain(survey, "q3", "sex")
    number = await _ask(world, survey, rows="q3")
    both = sum(line["cells"][0]["count"] for line in [*scale["lines"], *number["lines"]])
    assert both == sum(plain.values()), "the scale of two versions and the number of the third"


async def test_weights_reach_their_targets_and_tell_their_price(
    world: World, survey: SurveyWorld
) -> None:
    plain = await _ask(world, survey, rows="sex")
    weighted = await _ask(world, survey, rows="sex", target="sex: m=50, f=50")
    shares = {line["code"]: line["cells"][0]["of_column"] for line in weighted["lines"]}
    assert shares == pytest.approx({"m": 0.5, "f": 0.5})
    base = plain["heads"][0]["base"]["count"]
    men = plain["lines"][0]["cells"][0]["count"]
    squares = men * (0.5 * base / men) ** 2 + (base - men) * (0.5 * base / (base - men)) ** 2
    assert weighted["heads"][0]["base"]["effective"] == pytest.approx(base**2 / squares)
    assert weighted["design_effect"] == pytest.approx(base * squares / base**2)
    raked = await _ask(
        world,
        survey,
        rows="contact:Город",
        columns="sex",
        target=["sex: m=50, f=50", "contact:Город: Київ=40; Львів=40; =Одеса=20"],
    )
    towns = {line["code"]: line["cells"][0]["of_column"] for line in raked["lines"]}
    assert towns == pytest.approx({"Київ": 0.4, "Львів": 0.4, "=Одеса": 0.2}, abs=1e-6)
    api = await world.api(Role.MANAGER, survey.client_id)
    for target, code, reason in (
        ("sex: m=40, f=50, x=10", "cannot_weight", "target_cell_empty"),
        ("sex: m=100", "cannot_weight", "cell_without_target"),
        ("seen: a=50, b=50", "cannot_weight", "target_of_several_answers"),
        ("sex: m=40", "targets_unreadable", None),
    ):
        asked = {"form": "survey", "rows": "mood", "target": target}
        refused = await api.get("/api/v1/crosstabs", params=asked)
        assert refused.status_code == 422, target
        assert refused.json()["code"] == code
        assert refused.json()["facts"].get("reason") == reason


async def test_the_workbook_holds_every_figure_and_runs_none(
    world: World, survey: SurveyWorld
) -> None:
    asked = {"rows": "contact:Город", "columns": "sex", "target": "sex: m=50, f=50"}
    said = await _ask(world, survey, **asked)
    browser = await world.browser(Role.CLIENT, survey.client_id)
    file = await browser.get("/crosstabs/table.xlsx", params={"form": "survey", **asked})
    book = openpyxl.load_workbook(BytesIO(file.content))
    rows = list(book["Table"].iter_rows(values_only=True))
    assert [row[1:5] for row in rows[:3]] == [
        ("Text of sex", "Total", "Man", "Woman"),
        ("Column", "", "A", "B"),
        ("Base", *(head["base"]["count"] for head in said["heads"])),
    ]
    assert rows[4][2:5] == pytest.approx([head["base"]["effective"] for head in said["heads"]])
    at = 5
    names = ("count", "weighted", "of_column", "low", "high", "of_row", "of_total")
    for line in said["lines"]:
        for name in names:
            expected = [cell[name] for cell in line["cells"]]
            assert rows[at][2:5] == pytest.approx(expected), (line["code"], name)
            at += 1
        assert [one or "" for one in rows[at][2:5]] == [
            " ".join(cell["higher_than"]) for cell in line["cells"]
        ]
        at += 1
    assert "'=Одеса" in {row[0] for row in rows}
    kinds = {cell.data_type for row in book["Table"].iter_rows() for cell in row}
    assert "f" not in kinds
    async with transaction(survey.sessions) as session:
        kept = text("SELECT count(*) FROM audit_entry WHERE action = 'crosstab.downloaded'")
        assert (await session.execute(kept)).scalar_one() == 1


async def test_the_page_shows_the_table_and_says_what_is_wrong(
    world: World, survey: SurveyWorld
) -> None:
    browser = await world.browser(Role.CLIENT, survey.client_id)
    assert "Choose a form" in (await browser.get("/crosstabs")).text
    asked = {"form": "survey", "rows": "mood", "columns": "sex"}
    page = await browser.get("/crosstabs", params=asked)
    assert "Mood b" in page.text
    assert "Wilson" in page.text
    wrong = await browser.get("/crosstabs", params=asked | {"target": "sex: m=40, f=50, x=10"})
    assert wrong.status_code == 422
    assert "sex = x: Nobody is in this cell" in wrong.text
    assert (await browser.get("/crosstabs", params=asked | {"rows": "nothing"})).status_code == 404
    ours = await world.browser(Role.MANAGER)
    assert "No form has been published yet." in (await ours.get("/crosstabs")).text
    assert (await ours.get("/crosstabs", params=asked)).status_code == 404
    empty = await browser.get("/crosstabs", params=asked | {"last": "2020-01-01"})
    assert "Nobody who completed the form so" in empty.text
