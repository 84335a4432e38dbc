"""What the commands about the law share: the rules in force, numbers as people type them, files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from compliance.facts import Law
from compliance.law import load_law
from dialer import phone
from dialer.errors import Invalid
from dialer.settings import Settings


def law_of(settings: Settings) -> Law:
    """Return the rules in force: the packs that come with the program and the operator's own."""
    return load_law(settings.rule_packs_dir)


def e164_of(number: str, region: str | None = None) -> str:
    """Return a number in E.164; without ``+`` it is read as one of the region's country.

    Raises:
        InvalidPhone: it is no number that can be dialled.
    """
    country = region[:2].upper() if region and region[:2].isascii() else "ZZ"
    return phone.parse(number, country).e164  # ZZ: no country is assumed


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
