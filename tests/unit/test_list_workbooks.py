import pytest

from campaigns.lists.reading.tables import (
    EmptyFile,
    FileTooLarge,
    Limits,
    OpenTable,
    UnknownSheet,
    UnreadableFile,
    open_table,
)
from tests.list_files import xlsx
from tests.raw_workbooks import ods, ods_row, raw_xlsx, sheet_xml, xls

#: Date formats: a date, and hours beyond a day.
STYLES = (
    b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>'
    b'<xf numFmtId="46"/></cellXfs></styleSheet>'
)


def rows_of(table: OpenTable) -> list[list[str]]:
    return [row for batch in table.batches(100) for row in batch]


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def read_cell(cell: str) -> str:
    """Return what is read of one raw cell at B2."""
    head = f'<row r="1">{text_cell("A1", "name")}{text_cell("B1", "value")}</row>'
    body = f'<row r="2">{text_cell("A2", "Ann")}{cell}</row>'
    data = raw_xlsx(sheet_xml(head + body), parts={"xl/styles.xml": STYLES})
    [[_, value]] = [row + [""] * (2 - len(row)) for row in rows_of(open_table(data, "x.xlsx"))]
    return value


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="B2"><v>79161234567</v></c>', "79161234567"),
        ('<c r="B2"><v>7.9161234567E10</v></c>', "79161234567"),
        ('<c r="B2"><v>1E+22</v></c>', "1" + "0" * 22),
        ('<c r="B2"><v>1.5E-7</v></c>', "0.00000015"),
        ('<c r="B2"><v>0.30000000000000004</v></c>', "0.3"),
        ('<c r="B2" t="str"><v>7.9E+10</v></c>', "7.9E+10"),
        ('<c r="B2"><f>1+1</f><v>2</v></c>', "2"),
        ('<c r="B2" t="str"><f>A2</f><v>Ann</v></c>', "Ann"),
        ('<c r="B2" t="b"><v>1</v></c>', "TRUE"),
        ('<c r="B2" s="1"><v>45292</v></c>', "2024-01-01"),
        ('<c r="B2" s="2"><v>45292.5</v></c>', "2024-01-01 12:00:00"),
        ('<c r="B2" s="3"><v>1.25</v></c>', "30:00:00"),
        ('<c r="B2" t="d"><v>2024-01-02T03:04:05</v></c>', "2024-01-02 03:04:05"),
        ('<c r="B2" t="inlineStr"><is><t>a_x0000_b</t></is></c>', "ab"),
    ],
)
def test_typed_cells_become_text(cell: str, text: str) -> None:
    assert read_cell(cell) == text


def test_error_cells_are_empty() -> None:
    rows = [["name", "phone", "note"], ["Ann", "1", "x"]]
    made = sheet_xml(
        "".join(
            f'<row r="{at}">'
            + "".join(text_cell(f"{c}{at}", t) for c, t in zip("ABC", row, strict=True))
            + "</row>"
            for at, row in enumerate(rows, start=1)
        )
        + '<row r="3"><c r="A3" t="e"><v>#N/A</v></c><c r="B3"><v>2</v></c></row>'
    )
    assert rows_of(open_table(raw_xlsx(made), "x.xlsx"))[1] == ["", "2", ""]


def test_no_lone_surrogate_comes_out() -> None:
    assert "\ud800" not in read_cell(text_cell("B2", "a_xD800_b"))


def test_the_largest_sheet_is_read_unless_one_is_chosen() -> None:
    data = xlsx([["a", "b"], ["x", "1"]], [["c", "d"], ["y", "2"], ["z", "3"]])
    table = open_table(data, "list.xlsx")
    assert (table.shape.format, table.shape.sheet) == ("xlsx", "S2")
    assert (table.shape.sheets, table.shape.sheet_rows) == (("S1", "S2"), (2, 3))
    assert open_table(data, "list.xlsx", sheet="S1").columns == ("a", "b")
    with pytest.raises(UnknownSheet, match="“S1”, “S2”"):
        open_table(data, "list.xlsx", sheet="S3")


def test_a_hidden_sheet_is_read_only_when_chosen() -> None:
    book = (
        b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
        b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        b'<sheet name="Cities" sheetId="1" state="hidden" r:id="r1"/>'
        b'<sheet name="Clients" sheetId="2" r:id="r2"/></sheets></workbook>'
    )
    row = '<row r="{0}"><c r="A{0}"><v>{0}</v></c></row>'
    many, few = (sheet_xml("".join(row.format(at) for at in range(1, n))) for n in (9, 4))
    data = raw_xlsx(many, few, parts={"xl/workbook.xml": book})
    assert open_table(data, "x.xlsx").shape.sheet == "Clients"
    assert open_table(data, "x.xlsx", sheet="Cities").shape.sheet == "Cities"


def test_headings_below_titles_are_found_where_they_are() -> None:
    sheet: list[list[str | float]] = [
        ["Report"], [], ["May 2024"], [], ["name", "phone", "city"], ["Ann", 79161234567.0, "x"],
    ]  # fmt: skip
    table = open_table(xlsx(sheet), "list.xlsx")
    assert table.columns == ("name", "phone", "city")
    assert table.shape.headings_row == 5
    assert rows_of(table) == [["Ann", "79161234567", "x"]]


def test_groups_of_merged_headings_go_before_their_columns() -> None:
    rows = [
        ["Client", "", "Contacts", ""],
        ["Name", "City", "Phone", "Mail"],
        ["Ann", "x", "1", "y"],
    ]
    made = "".join(
        f'<row r="{at}">'
        + "".join(text_cell(f"{c}{at}", text) for c, text in zip("ABCD", row, strict=True) if text)
        + "</row>"
        for at, row in enumerate(rows, start=1)
    )
    merged = '<mergeCells count="2"><mergeCell ref="A1:B1"/><mergeCell ref="C1:D1"/></mergeCells>'
    table = open_table(raw_xlsx(sheet_xml(made, merged)), "x.xlsx")
    assert table.columns == ("Client Name", "Client City", "Contacts Phone", "Contacts Mail")
    assert rows_of(table) == [["Ann", "x", "1", "y"]]
    unmerged = open_table(raw_xlsx(sheet_xml(made)), "x.xlsx")
    assert len(rows_of(unmerged)) == 2


def test_formatted_rows_without_text_are_no_rows() -> None:
    empty = "".join(
        f'<row r="{at}"><c r="A{at}" s="0"/><c r="XFD{at}" s="0"/></row>' for at in range(3, 60_000)
    )
    head = f'<row r="1">{text_cell("A1", "name")}{text_cell("B1", "phone")}</row>'
    body = f'<row r="2">{text_cell("A2", "Ann")}<c r="B2"><v>7</v></c></row>'
    table = open_table(raw_xlsx(sheet_xml(head + body + empty)), "x.xlsx")
    assert table.shape.sheet_rows == (2,)
    assert rows_of(table) == [["Ann", "7"]]


def test_old_excel_and_opendocument_are_read() -> None:
    old = xls([(0, 0, "имя"), (0, 1, "phone"), (1, 0, "Анна"), (1, 1, 79161234567.0)])
    table = open_table(old, "list.xls")
    assert (table.shape.format, table.columns) == ("xls", ("имя", "phone"))
    assert rows_of(table) == [["Анна", "79161234567"]]
    free = ods(ods_row("имя", "phone") + ods_row("Анна", 79161234567.0) + ods_row(repeated=10**6))
    table = open_table(free, "list.ods")
    assert (table.shape.format, table.shape.sheets) == ("ods", ("Sheet1",))
    assert rows_of(table) == [["Анна", "79161234567"]]


FAR_XLSX = raw_xlsx(
    sheet_xml(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="XFD1048576"><v>1</v></c></row>'
    )
)


@pytest.mark.parametrize(
    "data", [FAR_XLSX, xls([(0, 0, "name"), (65_535, 65_535, 5.0)])], ids=["xlsx", "xls"]
)
def test_cells_too_far_apart_end_only_the_process_that_reads_them(data: bytes) -> None:
    limits = Limits(workbook_memory_bytes=256 * 1024**2)
    with pytest.raises(UnreadableFile, match="256 MB of memory"):
        open_table(data, "list.xlsx", limits=limits)


def test_a_cell_that_is_too_long_names_its_row() -> None:
    data = xlsx([["name", "phone"], ["Ann", "1"], ["x" * 40_000, "2"]])
    assert rows_of(open_table(data, "list.xlsx"))[1] == ["x" * 40_000, "2"]
    table = open_table(data, "list.xlsx", limits=Limits(cell_characters=39_999))
    with pytest.raises(UnreadableFile, match="Row 3 "):
        rows_of(table)


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(FileTooLarge, match="3 columns"):
        open_table(xlsx([["a", "b", "c", "d"], ["1"]]), "x.xlsx", limits=Limits(columns=3))


def test_a_sheet_without_contacts_is_empty() -> None:
    with pytest.raises(EmptyFile):
        open_table(xlsx([["a", "b"], ["1", "2"]], []), "x.xlsx", sheet="S2")


def test_an_abandoned_reading_ends_its_process() -> None:
    contact: list[str | float] = ["Ann", 1]
    sheet: list[list[str | float]] = [["name", "phone"], *[contact] * 20_000]
    table = open_table(xlsx(sheet), "x.xlsx")
    batches = table.batches(10)
    assert next(batches)[0] == ["Ann", "1"]
    del batches  # a process left behind would be a warning, which is an error here
    assert len(rows_of(table)) == 20_000
