"""Where the prefixes of ``phonenumbers`` name a clock that is not, or is no longer, the prefix's own.

Found by comparing its zones with its own place names and with tzdata 2026f; the package answers with a
representative of a clock, and representatives leave their clock when a law changes.
"""

_BELEM = ("America/Belem",)
_CHIHUAHUA = ("America/Chihuahua",)
_CHIHUAHUA_AND_BORDER = ("America/Chihuahua", "America/Ciudad_Juarez")
_CUIABA = ("America/Cuiaba",)

#: Without Easter Island: two hours off every Chilean window for four people in ten thousand.
_CHILE_MOBILE = ("America/Coyhaique", "America/Punta_Arenas", "America/Santiago")

_YAKUTIA = (
    "Asia/Khandyga",
    "Asia/Srednekolymsk",
    "Asia/Ust-Nera",
    "Asia/Vladivostok",
    "Asia/Yakutsk",
)

#: Prefix -> zones instead of the package's, for every number below the prefix.
#: Source: the national numbering plans.
CORRECTIONS: dict[str, tuple[str, ...]] = {
    # Chihuahua left Mazatlan's clock in October 2022; 636 and 657 reach the border strip.
    "52614": _CHIHUAHUA,
    "52621": _CHIHUAHUA,
    "52625": _CHIHUAHUA,
    "52627": _CHIHUAHUA,
    "52628": _CHIHUAHUA,
    "52629": _CHIHUAHUA,
    "52635": _CHIHUAHUA,
    "52636": _CHIHUAHUA_AND_BORDER,
    "52639": _CHIHUAHUA,
    "52648": _CHIHUAHUA,
    "52649": _CHIHUAHUA,
    "52652": _CHIHUAHUA,
    "52657": _CHIHUAHUA_AND_BORDER,
    "52659": _CHIHUAHUA,
    # Brazil's two digits name the state; the package has patches of exchanges on the wrong clock.
    "5565": _CUIABA,
    "5566": _CUIABA,
    "5567": ("America/Campo_Grande",),
    "5568": ("America/Rio_Branco",),
    "5569": ("America/Porto_Velho",),
    "5581": ("America/Recife",),  # the package says Fernando de Noronha, an island of 3 000 people
    "55813619": ("America/Noronha", "America/Recife"),
    "5587": ("America/Recife",),
    "5591": _BELEM,
    "5592": ("America/Manaus",),
    "5593": ("America/Santarem",),
    "5594": _BELEM,
    "5595": ("America/Boa_Vista",),
    "5597": ("America/Eirunepe", "America/Manaus"),
    "5661": ("America/Punta_Arenas",),
    "5667": ("America/Coyhaique",),
    # Mobile numbers of Chile and Indonesia are not tied to a region.
    "569": _CHILE_MOBILE,
    "628": ("Asia/Jakarta", "Asia/Jayapura", "Asia/Makassar"),
    "675": ("Pacific/Bougainville", "Pacific/Port_Moresby"),
    "740": ("Europe/Kaliningrad",),
    "7411": _YAKUTIA,
    "7840": ("Europe/Moscow",),
    "7845": ("Europe/Saratov",),
}

#: Prefix -> zones besides the package's: Darwin uses 08 too, and Crimea its own clock.
ADDITIONS: dict[str, tuple[str, ...]] = {
    "38065": ("Europe/Simferopol",),
    "380692": ("Europe/Simferopol",),
    "618": ("Australia/Darwin",),
}
