"""What the commands about the law share: the rules in force, numbers as people type them, files."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from compliance.facts import Law
from compliance.law import load_law
from dialer import phone
from dialer.errors import Invalid
from dialer.settings import Settings

#: A country's code, or a subdivision's; a name says nothing that could not be misread.
_REGION_CODE = re.compile(r"([A-Za-z]{2})(?:-|$)")


def law_of(settings: Settings) -> Law:
    """Return the rules in force: the packs that come with the program and the operator's own."""
    return load_law(settings.rule_packs_dir)


def e164_of(number: str, region: str | None = None) -> str:
    """Return a number in E.164; without ``+`` it is one of the country of a code such as ``US-NY``.

    Raises:
        InvalidPhone: it is no number that can be dialled.
    """
    code = _REGION_CODE.match(region or "")
    country = code[1].upper() if code else "ZZ"  # ZZ: no country is assumed
    return phone.parse(number, country).e164


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Tell in a sentence that a file cannot be read.

    Raises:
        Invalid: it cannot.
    """
    try:
        yield
    except OSError as error:
        raise Invalid(f"The file cannot be read: {error.strerror}.", file=str(file)) from error
