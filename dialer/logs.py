"""Structured logs: static event names, ids bound at the edge, and no phone number ever."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from dialer.phone import masked

#: What could be a phone number in a text: a plus and eight or more digits, or ten or more digits.
_NUMBER = re.compile(r"\+\d{8,15}(?!\d)|(?<![\w.-])\d{10,15}(?![\w.-])")


def _mask_text(text: str) -> str:
    return _NUMBER.sub(lambda found: masked(found.group()), text)


def _mask_value(value: Any) -> Any:
    if isinstance(value, str):
        return _mask_text(value)
    if isinstance(value, dict):
        return {key: _mask_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_mask_value(inner) for inner in value]
    return value


def mask_numbers(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Mask whatever looks like a phone number in any value of a log event, nested ones included."""
    return {key: _mask_value(value) for key, value in event.items()}


class _MaskingFilter(logging.Filter):
    """The same rule for the standard library's loggers (arq, uvicorn, websockets)."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _mask_text(record.getMessage())
        record.args = ()
        return True


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
    handler.addFilter(_MaskingFilter())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel("WARNING")
