"""``outdial form`` on real tables."""

from pathlib import Path

from campaigns.forms.files.yaml_writing import write_yaml
from tests.integration.test_command_line_law import Outdial, outdial
from tests.questionnaires import form_of, question

__all__ = ["outdial"]  # the fixture

FORM = form_of(question("q1"), question("q2", "nps", show_if="q1 = 'a'"))


def test_a_form_goes_in_and_out(outdial: Outdial, tmp_path: Path) -> None:
    file, book = tmp_path / "form.yaml", tmp_path / "form.xlsx"
    file.write_text(write_yaml(FORM), encoding="utf-8")
    made = outdial.json("form", "import", str(file))
    assert made == {"form": "test", "version": 1, "questions": 2}
    assert outdial.json("form", "publish", "test")["version"] == 1
    assert outdial.refused("form", "publish", "test") == "nothing_to_publish"
    status, said = outdial.run("form", "export", "test", str(book))
    assert (status, "Net Promoter" in said) == (0, True)
    assert outdial.json("form", "import", str(book))["version"] == 2
    rows = outdial.json("form", "list")
    assert [(row["version"], row["published_at"] == "draft") for row in rows] == [
        (2, True),
        (1, False),
    ]
    assert outdial.run("form", "export", "test", str(file), "--version", "1")[0] == 0
    assert file.read_text(encoding="utf-8") == write_yaml(FORM)
    assert outdial.json("form", "list", "--client", "Somebody Else") == []
    assert outdial.refused("form", "import", str(tmp_path / "nowhere.yaml")) == "invalid"


def test_a_record_becomes_a_form_and_a_campaign_uses_it(outdial: Outdial, tmp_path: Path) -> None:
    fields = ("--field", "City", "--field", "Phone:phone", "--locked", "Tax No")
    made = outdial.json("form", "refresh", "records", *fields, "--language", "uk", "--region", "UA")
    assert made == {"form": "records", "version": 1, "questions": 3}
    assert outdial.refused("form", "refresh", "no code", "--field", "City") == "invalid"
    outdial.json("campaign", "create", "Refresh")
    assert outdial.refused("campaign", "form", "Refresh", "records") == "form_not_found"
    outdial.json("form", "publish", "records")
    used = outdial.json("campaign", "form", "Refresh", "records")
    assert used == {"name": "Refresh", "form": "records"}
    file = tmp_path / "refresh.csv"
    done = outdial.json("export", "Refresh", "--refresh", "--out", str(file))
    assert done["rows"] == 0
    assert file.read_text(encoding="utf-8-sig").startswith("list,row,external_key,field,state,")
    assert outdial.json("campaign", "form", "Refresh", "")["form"] == ""
