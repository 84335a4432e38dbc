"""No phone number in any log line: structlog and the standard library, nested values, tracebacks."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
import structlog

from dialer import logs

NUMBER = "+79161234567"
DIGITS = NUMBER[1:]


@dataclass(frozen=True)
class Row:
    """Something with a number inside."""

    e164: str


@pytest.fixture(autouse=True)
def _logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> str:
    text = capsys.readouterr().err
    assert text, "nothing was logged"
    return text


VALUES = [
    NUMBER,
    DIGITS,
    int(DIGITS),
    f"PJSIP/{NUMBER}@carrier",
    f"sip:{DIGITS}@carrier:5060",
    f"called {DIGITS}.",
    f"tel.{DIGITS}",
    f"GET /suppressions?e164=%2B{DIGITS} HTTP/1.1",
    {"to": NUMBER},
    {NUMBER: 1},
    [{"deep": [("deeper", NUMBER)]}],
    {NUMBER},
    Row(NUMBER),
    [Row(NUMBER)],
    ValueError(f"Key (e164)=({NUMBER}) already exists."),
    NUMBER.encode(),
]


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_structlog_masks_any_value(
    value: object, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(json=as_json)
    structlog.get_logger().bind(bound=value).warning("number.seen", value=value)
    text = written(capsys)
    assert "number.seen" in text
    assert "1612345" not in text


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_the_standard_library_masks_messages_and_arguments(
    value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(json=True)
    logging.getLogger("arq.worker").warning("seen %s", value)
    logging.getLogger("uvicorn.access").warning(f"seen {value}")
    text = written(capsys)
    assert text.count("seen") == 2
    assert "1612345" not in text


def _refuse_row() -> None:
    raise ValueError(f"Key (e164)=({NUMBER}) exists.")


@pytest.mark.parametrize("as_json", [True, False])
def test_tracebacks_are_masked(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=as_json)
    try:
        _refuse_row()
    except ValueError:
        structlog.get_logger().exception("store.failed")
        logging.getLogger("asyncio").exception("a task died")
    text = written(capsys)
    assert text.count("ValueError: Key") == 2
    assert "1612345" not in text


def test_ids_and_instants_stay_readable(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    call_id = UUID("0192f3a4-7b8c-7def-8123-012345678901")
    facts = {"call_id": str(call_id), "waited_s": 1.0123456789012, "outcome": "busy", "cause": 17}
    structlog.get_logger().info("call.ended", **facts, ratio="0.12345678901", port=65535)
    line = json.loads(written(capsys))
    assert {key: line[key] for key in facts} == facts
    assert (line["ratio"], line["port"], line["event"]) == ("0.12345678901", 65535, "call.ended")


def test_a_masked_number_can_still_be_told_from_another(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    structlog.get_logger().info("number.seen", value=NUMBER)
    assert json.loads(written(capsys))["value"] == "+79…67"


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True, level="WARNING")
    structlog.get_logger().info("quiet.event")
    logging.getLogger("any").info("quiet")
    structlog.get_logger().warning("loud.event")
    assert "quiet" not in written(capsys)
