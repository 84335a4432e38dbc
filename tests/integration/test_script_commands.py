"""``outdial script`` and ``outdial knowledge`` on real tables."""

from pathlib import Path

import yaml

from tests.integration.test_command_line_law import Outdial, outdial

__all__ = ["outdial"]  # the fixture

SCRIPT = """\
code: talk
name: A talk
languages:
  - en
steps:
  - code: hello
    title: Greeting
    body: Good day, {{ contact.first_name or "dear customer" }}!
    branches:
      - says: Go on
        to: goodbye
  - code: goodbye
    title: Goodbye
    body: Goodbye.
    ends: true
"""
ARTICLES = """\
articles:
  - kind: objection
    title: Too expensive
    body: Delivery is **included**.
    tags:
      - money
    pinned: true
  - language: uk
    title: Занадто дорого
    body: Доставка включена.
"""


def test_a_script_goes_in_and_out(outdial: Outdial, tmp_path: Path) -> None:
    file = tmp_path / "script.yaml"
    file.write_text(SCRIPT, encoding="utf-8")
    assert outdial.json("script", "check", str(file)) == []
    made = outdial.json("script", "import", str(file))
    assert made == {"script": "talk", "version": 1, "steps": 2}
    assert outdial.json("script", "publish", "talk")["version"] == 1
    assert outdial.refused("script", "publish", "talk") == "no_draft"
    assert outdial.json("script", "import", str(file))["version"] == 1, "nothing is new"
    file.write_text(SCRIPT.replace("body: Goodbye.", "body: Good night."), encoding="utf-8")
    assert outdial.json("script", "import", str(file))["version"] == 2
    rows = outdial.json("script", "list")
    assert [(row["version"], row["published_at"] == "draft") for row in rows] == [
        (2, True),
        (1, False),
    ]
    assert outdial.run("script", "export", "talk", str(file))[0] == 0
    assert "Good night." in file.read_text(encoding="utf-8")
    assert outdial.run("script", "export", "talk", str(file), "--version", "1")[0] == 0
    assert file.read_text(encoding="utf-8") == SCRIPT
    assert outdial.json("script", "list", "--client", "Somebody Else") == []
    assert outdial.refused("script", "export", "none", str(file)) == "script_not_found"


def test_a_script_with_faults_is_told_its_lines_and_not_published(
    outdial: Outdial, tmp_path: Path
) -> None:
    file = tmp_path / "script.yaml"
    file.write_text(SCRIPT.replace("to: goodbye", "to: nowhere"), encoding="utf-8")
    status, said = outdial.run("script", "check", str(file), "--json")
    assert (status, "missing_target" in said) == (2, True)
    outdial.json("script", "import", str(file))
    assert outdial.refused("script", "publish", "talk") == "script_not_publishable"
    for wrong in (SCRIPT.replace("steps:", "stages:"), "a: &x [*x]", "name: only", ""):
        file.write_text(wrong, encoding="utf-8")
        assert outdial.refused("script", "import", str(file)) == "unreadable_script"
    assert outdial.refused("script", "import", str(tmp_path / "nowhere.yaml")) == "invalid"


def test_a_campaign_uses_a_script(outdial: Outdial, tmp_path: Path) -> None:
    file = tmp_path / "script.yaml"
    file.write_text(SCRIPT, encoding="utf-8")
    outdial.json("campaign", "create", "Spring")
    assert outdial.refused("campaign", "script", "Spring", "talk") == "script_not_found"
    outdial.json("script", "import", str(file))
    outdial.json("script", "publish", "talk")
    used = outdial.json("campaign", "script", "Spring", "talk")
    assert used == {"name": "Spring", "script": "talk"}
    assert outdial.json("campaign", "script", "Spring", "")["script"] is None


def test_articles_go_in_and_out(outdial: Outdial, tmp_path: Path) -> None:
    file = tmp_path / "articles.yaml"
    file.write_text(ARTICLES, encoding="utf-8")
    assert outdial.json("knowledge", "import", str(file)) == {"articles": 2, "drafts": 2}
    assert outdial.json("knowledge", "publish") == {"published": 2}
    assert outdial.json("knowledge", "import", str(file)) == {"articles": 2, "drafts": 0}
    assert outdial.json("knowledge", "publish") == {"published": 0}
    file.write_text(ARTICLES.replace("included", "free"), encoding="utf-8")
    assert outdial.json("knowledge", "import", str(file)) == {"articles": 2, "drafts": 1}
    rows = outdial.json("knowledge", "list")
    assert [(row["title"], row["version"], row["changed"], row["pinned"]) for row in rows] == [
        ("Too expensive", 1, True, True),
        ("Занадто дорого", 1, False, False),
    ]
    assert outdial.run("knowledge", "export", str(file))[0] == 0
    written = file.read_text(encoding="utf-8")
    assert written == ARTICLES.replace("included", "free")
    assert outdial.json("knowledge", "list", "--client", "Somebody Else") == []
    file.write_text(yaml.safe_dump({"articles": [{"body": "no title"}]}), encoding="utf-8")
    assert outdial.refused("knowledge", "import", str(file)) == "unreadable_script"
