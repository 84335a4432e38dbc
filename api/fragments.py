"""Fragments: what htmx asks for is a piece of a page, what a browser asks for is a whole one."""

from fastapi import Request


def is_fragment(request: Request) -> bool:
    """Tell whether htmx will put the answer into a page that is there already."""
    return request.headers.get("hx-request") == "true"
