import gzip
import random
import zipfile
from pathlib import Path

import pytest

from compliance.dnc import tally, unpacking
from compliance.dnc.errors import DncUnreadable
from compliance.dnc.formats import DncFormat, detect_format
from compliance.dnc.reading import read_numbers
from compliance.dnc.tally import SAMPLES, DncReport, Tally
from compliance.dnc.unpacking import Limits

FLAT = "212,5551234\n212,5551235\n646,2000000\n"
FLAT_NUMBERS = [12125551234, 12125551235, 16462000000]
XML = (
    "<?xml version='1.0'?>\n<list type='full'>\n<ac val='212'>\n<ph val='5551234'/>"
    "<ph val='5551235'/>\n</ac><ac val='646'><ph val='2000000'/></ac></list>\n"
)
TPS_SPACED = "0207 3787244\r\n01635 506160\r\n0191 5657153\r\n07860 338653\r\n"
TPS_PLAIN = "02073787244 \r\n01635506160 \r\n01915657153 \r\n07860338653 \r\n"
TPS_NUMBERS = [441635506160, 441915657153, 442073787244, 447860338653]


def read(
    path: Path, *, region: str = "US", limits: Limits | None = None
) -> tuple[list[int], DncReport]:
    counts = Tally()
    numbers = [
        number
        for chunk in read_numbers(path, region=region, tally=counts, limits=limits)
        for number in chunk.tolist()
    ]
    return sorted(numbers), counts.report()


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "list.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "region", "format", "numbers"),
    [
        (FLAT, "US", DncFormat.FTC_FLAT, FLAT_NUMBERS),
        (FLAT.replace("\n", "\r\n"), "US", DncFormat.FTC_FLAT, FLAT_NUMBERS),
        (FLAT.rstrip(), "DE", DncFormat.FTC_FLAT, FLAT_NUMBERS),
        ("\ufeff" + FLAT, "US", DncFormat.FTC_FLAT, FLAT_NUMBERS),
        (XML, "US", DncFormat.FTC_XML, FLAT_NUMBERS),
        (
            '<list val="212"><ph val="5551234"/><ph>5551235</ph><ph>6462000000</ph></list>',
            "US",
            DncFormat.FTC_XML,
            FLAT_NUMBERS,
        ),
        (TPS_SPACED, "GB", DncFormat.GB_TPS, TPS_NUMBERS),
        (TPS_PLAIN, "GB", DncFormat.GB_TPS, TPS_NUMBERS),
        ("2125551234\n(212) 555-1235\n+1 646 200 0000\n", "US", DncFormat.LINES, FLAT_NUMBERS),
        ("12125551234\n212.555.1235\n1-646-200-0000\n", "CA", DncFormat.LINES, FLAT_NUMBERS),
        ("+12125551234\n12125551235\n+16462000000", "US", DncFormat.LINES, FLAT_NUMBERS),
        ("02073787244\n442073787245\n", "GB", DncFormat.LINES, [442073787244, 442073787245]),
        ("89161234567\n79161234568\n9161234569\n", "RU", DncFormat.LINES,
         [79161234567, 79161234568, 79161234569]),
        ("0669812345\n+390669812346\n", "IT", DncFormat.LINES, [390669812345, 390669812346]),
        ("5321234567\n0532 123 45 68\n", "TR", DncFormat.LINES, [905321234567, 905321234568]),
        ("phone\n2125551234\n6462000000\n", "US", DncFormat.CSV, [12125551234, 16462000000]),
        (
            'Name;Phone number;City\n"A;B";212 555 1234;X\nC;"(646) 200-0000";Y\n',
            "US",
            DncFormat.CSV,
            [12125551234, 16462000000],
        ),
        ("Area code,Number,Since\n212,5551234,2020-01-01\n", "US", DncFormat.CSV, [12125551234]),
        ("name,phone\nA,2125551234\nd,6462000000\n", "US", DncFormat.CSV,
         [12125551234, 16462000000]),
        ("Імʼя\tТелефон\nЇжак\t0501234567\n", "UA", DncFormat.CSV, [380501234567]),
    ],
)  # fmt: skip
def test_every_format_is_told_and_read(
    tmp_path: Path, text: str, region: str, format: DncFormat, numbers: list[int]
) -> None:
    path = written(tmp_path, text)
    found, report = read(path, region=region)
    assert detect_format(text.encode()) is format
    assert (found, report.numbers, report.refused) == (numbers, len(numbers), 0)


def test_a_list_of_45_area_codes_and_numbers_gives_45_numbers(tmp_path: Path) -> None:
    source = random.Random(7)
    rows = {
        f"{source.choice((317, 512, 808, 907))},{source.randrange(2_000_000, 10_000_000)}"
        for _ in range(45)
    }
    found, report = read(written(tmp_path, "\n".join(sorted(rows)) + "\n"))
    assert found == sorted(int("1" + row.replace(",", "")) for row in rows)
    assert report == DncReport(lines=45, numbers=45, refused=0, refused_samples=())


def test_lines_that_are_no_numbers_are_counted_and_named_by_their_place(tmp_path: Path) -> None:
    wrong = ("", "hello", "012,5551234", "212,0551234", "  ", "212,55512",
             "2125551236,2125551237", "212_555_1238")  # fmt: skip
    found, report = read(written(tmp_path, FLAT + "\n".join(wrong) + "\n" + FLAT))
    assert found == sorted(FLAT_NUMBERS * 2)
    assert report == DncReport(14, 6, 6, (5, 6, 7, 9, 10, 11))


def test_a_broken_element_of_xml_is_counted(tmp_path: Path) -> None:
    _, report = read(written(tmp_path, XML.replace("</list>", "<ph/><ph val='12'/></list>")))
    assert report == DncReport(5, 3, 2, (4, 5))


def test_rows_of_csv_without_a_number_are_counted_from_the_headings_on(tmp_path: Path) -> None:
    text = "name,phone\nA,2125551234\nB\nC,none\nD,2125551235\nE,2125551236\n"
    _, report = read(written(tmp_path, text))
    assert report == DncReport(lines=6, numbers=3, refused=1, refused_samples=(4,))


def test_refused_samples_are_few(tmp_path: Path) -> None:
    _, report = read(written(tmp_path, FLAT * 20 + "x\n" * 50))
    assert report.refused == 50
    assert report.refused_samples == tuple(range(61, 61 + SAMPLES))


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "hello\nworld\n", "name,city\nA,B\n", "<list></list>", "212,5551234,A\n",
     "<list><ac val='212'><ph val='5551234' type='D'/></ac></list>", "x\ny\n2125551234\n"],
)  # fmt: skip
def test_what_gives_no_whole_list_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DncUnreadable):
        read(written(tmp_path, text))


def test_a_wrong_file_is_given_up_before_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "9\n" * 50 + FLAT * 2000)
    monkeypatch.setattr(unpacking, "HEAD_BYTES", 64)
    monkeypatch.setattr(unpacking, "BLOCK_BYTES", 64)
    assert read(path)[1].refused == 50
    monkeypatch.setattr(tally, "PATIENCE", 40)
    with pytest.raises(DncUnreadable, match="Most lines"):
        read(path)


def test_text_of_two_bytes_a_letter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DncUnreadable, match="UTF-8"):
        read(written(tmp_path, FLAT.encode("utf-16")))


def test_a_file_larger_than_a_block_is_read_whole(tmp_path: Path) -> None:
    numbers = [12_125_000_000 + offset for offset in range(400_000)]
    text = "".join(f"{number // 10**7 % 1000},{number % 10**7}\n" for number in numbers)
    xml = "".join(f"<ph val='{number % 10**7}'/>" for number in numbers)
    assert read(written(tmp_path, text))[0] == numbers
    assert read(written(tmp_path, f"<list><ac val='212'>{xml}</ac></list>"))[0] == numbers
    assert read(written(tmp_path, "phone\n" + text.replace(",", "")))[0] == numbers


def test_archives_are_read_and_their_members_joined(tmp_path: Path) -> None:
    packed, zipped = tmp_path / "list.gz", tmp_path / "list.zip"
    packed.write_bytes(gzip.compress(FLAT.encode()))
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("212.txt", FLAT)
        archive.writestr("__MACOSX/._212.txt", "rubbish")
        archive.writestr("empty.txt", "")
        archive.writestr("303.xml", XML.replace("646", "303"))
    assert read(packed)[0] == FLAT_NUMBERS
    assert read(zipped)[0] == sorted([*FLAT_NUMBERS, *FLAT_NUMBERS[:2], 13032000000])


@pytest.mark.parametrize("pack", ["zip", "gzip"])
def test_a_bomb_is_refused(tmp_path: Path, pack: str) -> None:
    path, text = tmp_path / "list", b"2125551234\n" * 4_000_000
    if pack == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("list.txt", text)
    else:
        path.write_bytes(gzip.compress(text))
    with pytest.raises(DncUnreadable, match="bomb"):
        read(path)


def test_an_archive_may_not_exceed_the_limit_in_all(tmp_path: Path) -> None:
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in "ab":
            archive.writestr(name, FLAT)
    size = len(FLAT.encode())
    assert len(read(path, limits=Limits(unpacked_bytes=2 * size))[0]) == 6
    with pytest.raises(DncUnreadable, match="bomb"):
        read(path, limits=Limits(unpacked_bytes=2 * size - 1))
    with pytest.raises(DncUnreadable, match="bomb"):
        read(path, limits=Limits(members=1))


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.txt", FLAT * 1000)
    raw = bytearray(path.read_bytes())
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 24 : entry + 28] = len(FLAT).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(DncUnreadable):
        read(path)


def test_broken_encrypted_and_nested_archives_are_refused(tmp_path: Path) -> None:
    packed = gzip.compress(FLAT.encode() * 10_000)
    with pytest.raises(DncUnreadable, match="broken"):
        read(written(tmp_path, packed[: len(packed) // 2]))
    with pytest.raises(DncUnreadable, match="broken"):
        read(written(tmp_path, b"PK\x03\x04 and no more"))
    with pytest.raises(DncUnreadable, match="within"):
        read(written(tmp_path, gzip.compress(packed)))
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("list.txt", FLAT)
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    with pytest.raises(DncUnreadable, match="encrypted"):
        read(path)


def test_entities_of_xml_are_not_expanded(tmp_path: Path) -> None:
    text = "<!DOCTYPE list [<!ENTITY a '5551234'>]><list><ac val='212'><ph>&a;</ph></ac></list>"
    with pytest.raises(DncUnreadable):
        read(written(tmp_path, text))
