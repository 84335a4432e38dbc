"""Numbers as thirty countries write them: right ones, near misses and noise, from a seed."""

from collections.abc import Iterator
from random import Random

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

REGIONS = (
    *("RU", "UA", "US", "GB", "DE", "KZ", "PL", "FR", "ES", "IT", "BY", "TR", "NL", "SE", "NO"),
    *("FI", "CZ", "CA", "RO", "BG", "CH", "AT", "GE", "AM", "UZ", "IN", "CN", "MX", "AU", "ZA"),
)
_DIGITS = "0123456789"
_TYPES = tuple(PhoneNumberType.values())
_LENGTHS = range(5, 16)


def plain_examples(region: str) -> list[str]:
    """Return the library's national examples of every type of number in ``region``."""
    found = (phonenumbers.example_number_for_type(region, kind) for kind in _TYPES)
    return sorted({phonenumbers.national_significant_number(number) for number in found if number})


def well_formed(rng: Random, count: int) -> Iterator[tuple[str, str]]:
    """Yield ``count`` pairs (text, region): valid numbers, each in one of the usual written forms."""
    examples = {region: plain_examples(region) for region in REGIONS}
    while count:
        region = rng.choice(REGIONS)
        national = _varied(rng, rng.choice(examples[region]), keep=rng.randint(2, 5))
        code = phonenumbers.country_code_for_region(region)
        number = phonenumbers.parse(f"+{code}{national}")
        if phonenumbers.is_valid_number(number):
            yield _written(rng, number, region), region
            count -= 1


def mixed(rng: Random, count: int) -> Iterator[tuple[str, str]]:
    """Yield ``count`` pairs (text, region) of every quality, half of them likely to be valid."""
    examples = {region: plain_examples(region) for region in REGIONS}
    for _ in range(count):
        region = rng.choice(REGIONS)
        plan = rng.choice(REGIONS) if rng.random() < 0.1 else region
        national = _any_national(rng, examples[plan])
        code = phonenumbers.country_code_for_region(plan)
        prefix = phonenumbers.ndd_prefix_for_region(plan, strip_non_digits=True) or ""
        first = rng.choice(
            (
                *("", "", prefix, prefix, f"({prefix})", "8", "0", "+"),
                *(f"+{code}", f"+{code}", f"00{code}", f"{code}", f"810{code}", f"011{code}"),
                *(f"+{code}{prefix}", f"{code}{prefix}"),
            )
        )
        if first.startswith("(") or rng.random() < 0.5:
            national = _grouped(rng, national)
        yield (
            rng.choice(("{}{}", "{}{}", "{} {}", "{}-{}", "({}){}")).format(first, national),
            region,
        )


def _any_national(rng: Random, examples: list[str]) -> str:
    kind = rng.random()
    if kind < 0.1:
        return "".join(rng.choices(_DIGITS, k=rng.choice(_LENGTHS)))
    national = _varied(rng, rng.choice(examples), keep=rng.randint(0, 7))
    if kind < 0.2:  # one digit too many, or one lost
        at = rng.randrange(len(national))
        return national[:at] + rng.choice(("", rng.choice(_DIGITS) * 2)) + national[at + 1 :]
    return national


def _varied(rng: Random, national: str, *, keep: int) -> str:
    """Return ``national`` with every digit from place ``keep`` on drawn anew."""
    return national[:keep] + "".join(rng.choices(_DIGITS, k=len(national) - keep))


def _written(rng: Random, number: phonenumbers.PhoneNumber, region: str) -> str:
    national = phonenumbers.national_significant_number(number)
    shown = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    abroad = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    prefix = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""
    code = number.country_code
    return rng.choice(
        (
            *(shown, shown.replace(" ", "."), national, f"{prefix}{national}", f"{code}{national}"),
            *(abroad, abroad.replace(" ", "-"), f"+{code}{national}"),
            *(f"{start} ({national[:3]}) {national[3:]}" for start in (f"+{code}", prefix)),
        )
    )


def _grouped(rng: Random, digits: str) -> str:
    """Return ``digits`` in groups, as people write them."""
    mark = rng.choice((" ", "-", ".", "\u00a0", "\u2013", " - "))
    cuts = sorted(rng.sample(range(1, len(digits)), k=min(3, len(digits) - 1)))
    groups = [digits[a:b] for a, b in zip([0, *cuts], [*cuts, len(digits)], strict=True)]
    if rng.random() < 0.4:
        return f"({groups[0]}){rng.choice(('', ' '))}{mark.join(groups[1:])}"
    return mark.join(groups)
