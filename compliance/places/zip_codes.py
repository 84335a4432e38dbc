"""US ZIP codes: the state by the first three digits.

Source: the Postal Service's list of three-digit prefixes (Domestic Mail Manual, labelling list L002).
"""

import re
from functools import cache

_ZIP = re.compile(r"\s*(\d{5})(?:[-\s]?\d{4})?\s*")

#: Inclusive ranges of prefixes. Military mail (AA, AE, AP) is left out: it says nothing of the place.
_PREFIXES = """
AK 995-999
AL 350-352 354-369
AR 716-729
AZ 850-853 855-857 859-860 863-865
CA 900-908 910-928 930-961
CO 800-816
CT 060-069
DC 200-200 202-205 569-569
DE 197-199
FL 320-339 341-342 344-344 346-347 349-349
GA 300-319 398-399
GU 969-969
HI 967-968
IA 500-516 520-528
ID 832-838
IL 600-620 622-629
IN 460-479
KS 660-662 664-679
KY 400-418 420-427
LA 700-701 703-708 710-714
MA 010-027 055-055
MD 206-212 214-219
ME 039-049
MI 480-499
MN 550-551 553-567
MO 630-631 633-641 644-658
MS 386-397
MT 590-599
NC 270-289
ND 580-588
NE 680-681 683-693
NH 030-038
NJ 070-089
NM 870-871 873-875 877-884
NV 889-891 893-895 897-898
NY 005-005 100-149
OH 430-459
OK 730-731 734-741 743-749
OR 970-979
PA 150-196
PR 006-007 009-009
RI 028-029
SC 290-299
SD 570-577
TN 370-385
TX 733-733 750-770 772-799 885-885
UT 840-847
VA 201-201 220-246
VI 008-008
VT 050-054 056-059
WA 980-986 988-994
WI 530-532 534-535 537-549
WV 247-268
WY 820-831
"""

#: Whole codes that leave their prefix's state.
_EXCEPTIONS = {
    "06390": "US-NY",  # Fishers Island
    "83414": "US-WY",  # Alta
    "96799": "US-AS",
    "96950": "US-MP",
    "96951": "US-MP",
    "96952": "US-MP",
}
_GUAM = range(96910, 96933)


@cache
def _states() -> dict[str, str]:
    states = {}
    for line in _PREFIXES.split("\n"):
        state, *ranges = line.split() or [""]
        for first, last in (part.split("-") for part in ranges):
            for prefix in range(int(first), int(last) + 1):
                states[f"{prefix:03d}"] = f"US-{state}"
    return states


def zip_state(zip_code: str) -> str | None:
    """Return the state (``US-NY``) of a US ZIP or ZIP+4 code, or None.

    Four digits are read as five: spreadsheets drop the leading zero of New England.
    """
    text = zip_code.strip()
    match = _ZIP.fullmatch(text.zfill(5) if text.isdigit() and len(text) == 4 else text)
    if match is None:
        return None
    code = match[1]
    if code in _EXCEPTIONS:
        return _EXCEPTIONS[code]
    if code.startswith("969") and int(code) not in _GUAM:
        return None  # Palau, Micronesia and the Marshall Islands use the US mail
    return _states().get(code[:3])
