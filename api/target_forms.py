"""Forms of what sends to a client's servers, delivery plans and webhook endpoints: what they share."""

from collections.abc import Container
from typing import Any

from fastapi import Request
from pydantic import ValidationError


async def sent_form(request: Request, *, several: str) -> dict[str, Any]:
    """Return what a page sent; of the field ``several`` all values, as of boxes that are ticked."""
    async with request.form(max_files=0, max_fields=60) as form:
        given: dict[str, Any] = {
            name: value for name, value in form.items() if isinstance(value, str)
        }
        given[several] = [value for value in form.getlist(several) if isinstance(value, str)]
    return given


def faults_of(wrong: ValidationError, fields: Container[str]) -> dict[str, str]:
    """Return what is wrong, by field of a page; the words of faults are the library's, in English."""
    faults: dict[str, str] = {}
    for one in wrong.errors(include_input=False, include_url=False):
        named = [str(part) for part in one["loc"] if str(part) in fields]
        faults.setdefault(named[-1] if named else "name", one["msg"])
    return faults
