"""Presets, the set-up page's form, the file of a campaign, what loosens: the pure parts."""

from typing import Any

import pytest
from starlette.datastructures import FormData

from api import labels
from api.setup import words
from api.setup.fields import FIELDS, SECTIONS
from api.setup.parsing import value_of, windows_text, wish_of
from campaigns.codes import DispositionTerms
from campaigns.configuration import checked_settings
from campaigns.law.loosening import loosened, loosened_of_client
from campaigns.setup.effects import Basis
from campaigns.setup.file_diff import Standing, differences_of
from campaigns.setup.file_reading import BadCampaignFile, read_campaign
from campaigns.setup.file_shape import SETTING_NAMES, DispositionLine
from campaigns.setup.file_state import as_file
from campaigns.setup.presets import PRESETS, PresetCode
from compliance.hours.windows import parse_hours
from dialer.call.states import CallOutcome

ZONE = "Europe/Kyiv"


@pytest.mark.parametrize("code", PresetCode)
def test_a_preset_is_a_whole_campaign(code: PresetCode) -> None:
    preset = PRESETS[code]
    settings = checked_settings(preset.settings)
    assert settings["purpose"] is not None
    assert settings["hours"]["mon"]
    assert settings["hours"]["holiday"] == []
    assert {CallOutcome(outcome) for outcome in settings["retry"]}
    assert loosened(checked_settings({}), settings, windows=()) == (), "no second person is asked"
    codes = [one.code for one in preset.dispositions]
    assert len(set(codes)) == len(codes)
    assert {"refused", "callback_later", "wrong_number", "do_not_call"} <= set(codes)
    assert any(one.success for one in preset.dispositions)
    for one in preset.dispositions:
        assert one.code in labels.DISPOSITIONS
        DispositionTerms(
            label=one.code,
            suppresses=one.suppresses,
            requires_callback=one.requires_callback,
            aapor=one.aapor,
        )


def test_everything_on_the_page_has_words() -> None:
    assert set(words.PRESETS) == set(PresetCode)
    assert set(words.BASES) == set(Basis)
    assert 28 <= len(FIELDS) <= 38, "about thirty"
    assert {one.section for one in FIELDS} == set(SECTIONS)
    apart = {"lists", "trunk", "caller_id", "caller_ids", "order", "target"}
    assert {one.name for one in FIELDS} - apart <= SETTING_NAMES


def _form(settings: dict[str, Any], **typed: str) -> FormData:
    sent = {one.name: value_of(one, settings, ZONE) for one in FIELDS}
    hours = settings["hours"] or {}
    sent |= {f"hours.{day}": windows_text(hours.get(day)) for day in ("mon", "tue", "wed")}
    sent |= {f"hours.{day}": windows_text(hours.get(day)) for day in ("thu", "fri", "sat", "sun")}
    sent["hours.holiday"] = "closed" if hours.get("holiday") == [] else ""
    sent |= typed
    return FormData([(name, value) for name, value in sent.items() if value])


@pytest.mark.parametrize("code", PresetCode)
def test_a_page_sent_back_as_it_was_changes_nothing(code: PresetCode) -> None:
    before = checked_settings(
        {**PRESETS[code].settings, "starts_at": "2026-03-01T07:00:12Z", "amd": {}}
    )
    wish = wish_of(_form(before), before, ZONE)
    assert not wish.problems
    assert checked_settings({**before, **wish.settings}) == before


def test_what_is_typed_is_read_in_the_viewers_zone_and_units() -> None:
    before = checked_settings(PRESETS[PresetCode.SURVEY].settings)
    form = _form(
        before,
        **{"hours.mon": "9-13; 14.30–24:00", "starts_at": "2026-07-01T09:00", "form": "survey"},
        **{"abandon_target": "1,5", "callback_grace_s": "30", "target": "400", "amd": "hang_up"},
    )
    wish = wish_of(form, before, ZONE)
    assert not wish.problems
    assert wish.settings["hours"]["mon"] == [["09:00", "13:00"], ["14:30", "23:59"]]
    assert wish.settings["starts_at"] == "2026-07-01T06:00:00Z"
    assert wish.settings["abandon_target"] == 0.015
    assert wish.settings["callback_grace_s"] == 1800
    assert wish.settings["answer_quotas"] == [{"code": "total", "when": "true", "target": 400}]
    assert wish.settings["amd"]["on_machine"] == "hang_up"
    wrong = wish_of(_form(before, **{"hours.mon": "20-9", "ring_timeout_s": "nan"}), before, ZONE)
    assert set(wrong.problems) == {"hours", "ring_timeout_s"}


PACK = parse_hours({"mon": [("08:00", "21:00")]})


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"abandon_target": 0.01}, {"abandon_target": 0.02}, ("abandon_target",)),
        ({"abandon_target": 0.02}, {"abandon_target": 0.01}, ()),
        ({"max_attempts_per_person_per_week": 3}, {}, ("max_attempts_per_person_per_week",)),
        ({}, {"max_attempts_per_person_per_week": 3}, ()),
        (
            {"quiet_hours_after_refusal": 5},
            {"quiet_hours_after_refusal": 4},
            ("quiet_hours_after_refusal",),
        ),
        ({}, {"hours": {"mon": [["08:00", "21:00"]], "holiday": []}}, ()),
        ({}, {"hours": {"mon": [["07:59", "21:00"]], "holiday": []}}, ("hours",)),
        ({"hours": {"sun": [["02:00", "03:00"]]}}, {"hours": {"sun": [["02:00", "03:00"]]}}, ()),
        ({}, {"hours": {"sun": [["10:00", "11:00"]]}}, ("hours",)),
    ],
)
def test_what_loosens_is_named(
    before: dict[str, Any], after: dict[str, Any], found: tuple[str, ...]
) -> None:
    usual = checked_settings({})
    assert loosened({**usual, **before}, {**usual, **after}, windows=(PACK,)) == found


def test_what_loosens_a_clients_settings_is_named() -> None:
    now = {
        "two_person_law": True,
        "legal_entity": "Acme",
        "allowed_countries": ["RU"],
        "allowed_number_types": [],
    }
    assert loosened_of_client(now, {"two_person_law": False}) == ("two_person_law",)
    assert loosened_of_client(now, {"legal_entity": ""}) == ("legal_entity",)
    assert loosened_of_client(now, {"allowed_countries": ["KZ", "RU"]}) == ("allowed_countries",)
    assert loosened_of_client(now, {"allowed_countries": []}) == ("allowed_countries",)
    assert loosened_of_client(now, {"allowed_number_types": ["premium"]}) == (
        "allowed_number_types",
    )
    assert loosened_of_client(now, {"legal_entity": "Acme", "allowed_countries": ["RU"]}) == ()


def test_faults_of_a_file_have_their_lines_and_the_nearest_name() -> None:
    text = "campaign: A\nsettings:\n  ring_timout_s: 20\n  mode: power\ndispositons: []\n"
    with pytest.raises(BadCampaignFile) as refused:
        read_campaign(text)
    assert refused.value.facts["faults"] == [
        "line 3: Nothing is called 'ring_timout_s' here: did you mean ring_timeout_s?",
        "line 5: Nothing is called 'dispositons' here: did you mean dispositions?",
    ]
    for wrong, line in (
        ("campaign: A\nlists: x\n", "line 2"),
        ("campaign: A\ndispositions:\n- code: a\n  label: A\n- code: b\n", "line 5"),
        ("- 1\n", "line 1"),
        ("campaign: [\n", "line 2"),
        ("campaign: A\nform: x\nsettings: {form: y}\n", "line 1"),
    ):
        with pytest.raises(BadCampaignFile) as refused:
            read_campaign(wrong)
        assert line in str(refused.value), wrong


def test_a_difference_is_told_and_none_is_none() -> None:
    usual = checked_settings({})
    lines = [DispositionLine(code="a", label="A"), DispositionLine(code="b", label="B")]
    now = Standing(usual, "t", dispositions=lines, lists=("May",), kept_codes=frozenset({"b"}))
    said = read_campaign(
        "campaign: A\ntrunk: u\nlists: [May, June]\ndispositions: [{code: c, label: C}]\n"
    ).said
    after = {**usual, "ring_timeout_s": 20.0}
    found = [str(one) for one in differences_of(now, said, after, loosened=["trunk"])]
    assert found == [
        "~ trunk: t -> u  (loosens a setting of law)",
        "+ lists.June: is dialled",
        '+ dispositions.c: {"label": "C", "position": 0}',
        '- dispositions.a: {"label": "A", "position": 0}',
        "~ settings.ring_timeout_s: 25.0 -> 20.0",
    ]
    assert differences_of(now, read_campaign("campaign: A\n").said, usual) == []
    file = as_file("A", now)
    assert file["settings"] == {}
    assert [row["code"] for row in file["dispositions"]] == ["a", "b"]
