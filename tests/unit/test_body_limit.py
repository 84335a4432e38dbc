"""The limit of a request's length: told before or while it is read, by everybody but uploads."""

import json
from typing import Any

import pytest
from fastapi import Body, FastAPI
from starlette.types import Message

from api.limits import MAX_BODY_BYTES, BodyLimitMiddleware

CHUNK = b"x" * 65_536


def application() -> FastAPI:
    app = FastAPI()

    @app.post("/echo")
    async def echo(body: dict[str, Any] = Body()) -> int:  # noqa: B008 - FastAPI's way
        return len(body)

    app.add_middleware(BodyLimitMiddleware, uploads={"/upload"})
    return app


async def ask(path: str, headers: dict[str, str], chunks: int) -> tuple[int, dict[str, Any], int]:
    """Return the code, the problem, and how many chunks were taken in."""
    taken = 0
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": CHUNK, "more_body": taken < chunks}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("test", 80),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await application()(scope, receive, send)
    starts = [one for one in sent if one["type"] == "http.response.start"]
    assert len(starts) == 1
    return starts[0]["status"], json.loads(sent[-1]["body"]), taken


async def test_what_says_that_it_is_too_long_is_not_read() -> None:
    long = {"content-type": "application/json", "content-length": str(MAX_BODY_BYTES + 1)}
    code, problem, taken = await ask("/echo", long, 1_000)
    assert (code, problem["code"], taken) == (413, "body_too_large", 0)


@pytest.mark.parametrize("path", ["/echo", "/upload"])
async def test_what_does_not_say_its_length_is_counted(path: str) -> None:
    code, problem, taken = await ask(path, {"content-type": "application/json"}, 1_000)
    if path == "/upload":  # no such route: nothing is read at all
        assert (code, taken) == (404, 0)
        return
    assert (code, problem["code"]) == (413, "body_too_large")
    assert taken == MAX_BODY_BYTES // len(CHUNK) + 1


async def test_only_forms_with_files_are_let_through_to_uploads() -> None:
    length = {"content-length": str(MAX_BODY_BYTES + 1)}
    assert (await ask("/upload", {**length, "content-type": "Multipart/Form-Data; boundary=x"}, 1))[
        0
    ] == 404
    assert (await ask("/upload", {**length, "content-type": "text/plain"}, 1))[0] == 413
    assert (await ask("/echo", {**length, "content-type": "multipart/form-data"}, 1))[0] == 413


async def test_a_short_body_goes_through() -> None:
    code, _, taken = await ask("/echo", {"content-type": "application/json"}, 3)
    assert (code, taken) == (422, 3)  # it is no JSON, and was read
