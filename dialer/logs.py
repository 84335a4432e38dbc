"""Structured logs: static event names, ids bound at the edge, and no phone number ever."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from dialer.phone import masked

#: What could be a phone number in a text: a plus (also as a URL has it) and eight or more digits, or ten
#: or more digits that are no part of a word, a decimal fraction or a UUID.
_NUMBER = re.compile(
    r"(?:\+|%2[Bb])\d{8,15}(?!\d)|(?<!\w)(?<!\d\.)(?<![\da-f]-)\d{10,15}(?!\w|\.\d|-\w)"
)


def _mask_text(text: str) -> str:
    return _NUMBER.sub(lambda found: masked(found.group()), text)


def _mask_value(value: Any) -> Any:
    if isinstance(value, str):
        return _mask_text(value)
    if isinstance(value, dict):
        return {_mask_value(key): _mask_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask_value(inner) for inner in value]
    if value is None or isinstance(value, bool | float):
        return value
    text = str(value) if isinstance(value, int) else repr(value)
    hidden = _mask_text(text)
    return value if hidden == text else hidden


def mask_numbers(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Mask whatever looks like a phone number in any value of a log event, nested ones included."""
    return {key: _mask_value(value) for key, value in event.items()}


class _MaskingFormatter(logging.Formatter):
    """The same rule for the standard library's loggers (arq, uvicorn, websockets), tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return _mask_text(super().format(record))


def configure(*, json: bool, level: str = "INFO") -> None:
    """Set structlog and the standard library's logging up for a process; writes to stderr."""
    renderer: Any = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask_numbers,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_MaskingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel("WARNING")
    logging.getLogger("websockets").setLevel("WARNING")  # its debug lines hold Asterisk's password
