"""Tables from outside are read by their headers, measured first; tables that go out carry no formulas."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from services.rules.errors import InvalidValueError
from services.rules.identity import looks_rounded
from services.spreadsheets import (
    Column,
    ColumnKind,
    RowError,
    SpreadsheetError,
    date_of,
    error_workbook,
    number_of,
    read_table,
    template_workbook,
    text_of,
)

COLUMNS = (
    Column(
        key="number", label="报名号", kind=ColumnKind.IDENTIFIER, help="报名时得到的号码", example="10001"
    ),
    Column(key="name", label="姓名", aliases=("学员姓名",)),
    Column(key="hours", label="学时", kind=ColumnKind.NUMBER, aliases=("学时（小时）",)),
    Column(key="on", label="学习日期", kind=ColumnKind.DATE, required=False),
)


def _xlsx(rows: list[list[object]], *, before: int = 0) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows, start=before):
            sheet.write_row(line, 0, row)
    return out.getvalue()


def test_a_workbook_is_read_by_its_headers_whatever_their_order_and_spaces() -> None:
    content = _xlsx(
        [["2026年11月学时表"], ["学 时", " 学员姓名* ", "备注", "报名号"], [2.5, "王小明", "好", 10001]],
        before=2,
    )
    table = read_table("学时.xlsx", content, COLUMNS)
    [row] = table.rows
    assert (row.number, text_of(row.cells["number"]), row.cells["name"]) == (5, "10001", "王小明")
    assert number_of(row.cells["hours"]) == Decimal("2.5")
    assert row.cells["on"] == ""
    assert table.present == {"number", "name", "hours"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_the_encodings_that_spreadsheets_write(encoding: str, delimiter: str) -> None:
    lines = [
        ["报名号", "姓名", "学时"],
        ["10001", "王小明", "3"],
        ["", "", ""],
        ["10002", "阿依古丽·买买提", "4"],
    ]
    content = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    table = read_table("学时.csv", content, COLUMNS)
    assert [(row.number, row.cells["name"]) for row in table.rows] == [(2, "王小明"), (4, "阿依古丽·买买提")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "spreadsheet.empty"),
        ("报名号,学时\n10001,3".encode(), "spreadsheet.header_missing"),
        ("报名号,姓名,姓名,学时\n1,2,3,4".encode(), "spreadsheet.column_twice"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "spreadsheet.old_or_locked"),
        (b"PK\x03\x04 not a zip", "spreadsheet.unreadable"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "spreadsheet.unreadable"),
        (b"x" * (5 * 1024 * 1024 + 1), "spreadsheet.too_large"),
        ("报名号,姓名,学时\n".encode() + b"1,a,1\n" * 20_001, "spreadsheet.too_many_rows"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content: bytes, code: str) -> None:
    with pytest.raises(SpreadsheetError) as caught:
        read_table("x", content, COLUMNS)
    assert caught.value.code == code


def test_a_missing_column_is_named() -> None:
    with pytest.raises(SpreadsheetError) as caught:
        read_table("x.csv", "报名号,备注\n1,2".encode(), COLUMNS)
    assert caught.value.facts == {"columns": "姓名、学时"}


def test_a_zip_that_unpacks_to_gigabytes_is_refused_before_it_does() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * (130 * 1024 * 1024))
    assert len(out.getvalue()) < 1024 * 1024
    with pytest.raises(SpreadsheetError) as caught:
        read_table("bomb.xlsx", out.getvalue(), COLUMNS)
    assert caught.value.code == "spreadsheet.too_large"


def test_one_cell_in_the_far_corner_of_a_sheet_does_not_fill_the_memory() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["报名号", "姓名", "学时"])
        sheet.write(1_048_575, 16_383, "here")
    with pytest.raises(SpreadsheetError) as caught:
        read_table("corner.xlsx", out.getvalue(), COLUMNS)
    assert caught.value.code == "spreadsheet.too_many_rows"


def _tampered(part: str, old: bytes, new: bytes) -> bytes:
    """A good workbook with something else in one of its parts."""
    out = io.BytesIO()
    good = zipfile.ZipFile(io.BytesIO(_xlsx([["报名号", "姓名", "学时"], ["10001", "王小明", 3]])))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in good.namelist():
            content = good.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            bad.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        # One cell in the far corner, written in ways that only the library's own reader understands.
        ("xl/worksheets/sheet1.xml", b'r="C2"', b"r='XFD1048576'"),
        ("xl/worksheets/sheet1.xml", b'<c r="C2"', b'<c\nr = "xfd1048576"'),
        ("xl/worksheets/sheet1.xml", b'r="C2"', b'a=">" r="XFD1048576"'),
        # One text of a megabyte that a thousand cells show.
        (
            "xl/worksheets/sheet1.xml",
            b"</sheetData>",
            b"".join(b'<row r="%d"><c t="s"><v>0</v></c></row>' % number for number in range(3, 1003))
            + b"</sheetData>",
        ),
    ],
)
def test_a_workbook_that_would_end_the_process_that_reads_it_ends_another_one(
    part: str, old: bytes, new: bytes
) -> None:
    content = _tampered(part, old, new)
    if b"<v>0</v>" in new:
        content = _with_long_text(content)
    with pytest.raises(SpreadsheetError) as caught:
        read_table("bomb.xlsx", content, COLUMNS)
    assert caught.value.code == "spreadsheet.unreadable"


def _with_long_text(content: bytes) -> bytes:
    out = io.BytesIO()
    good = zipfile.ZipFile(io.BytesIO(content))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in good.namelist():
            bad.writestr(
                name, good.read(name).replace("报名号".encode(), "报名号".encode() + b"x" * 1_000_000)
            )
    return out.getvalue()


def test_cells_mean_what_a_person_meant_by_them() -> None:
    assert text_of('="52010319900101001X"') == "52010319900101001X"
    assert text_of("'10001") == "10001"
    assert text_of(10001.0) == "10001"
    assert date_of(datetime(2026, 11, 20)) == date_of("2026年11月20日") == date(2026, 11, 20)  # noqa: DTZ001 - a cell has no zone
    assert number_of("1,000.5") == Decimal("1000.5")
    for nonsense in ("三", "nan", "1e400", True, date(2026, 1, 1)):
        with pytest.raises(InvalidValueError):
            number_of(nonsense)


def test_an_identity_number_stored_as_a_number_is_seen_to_be_rounded() -> None:
    table = read_table(
        "x.xlsx", _xlsx([["报名号", "姓名", "学时"], [520103199001010019, "王小明", 1]]), COLUMNS
    )
    assert looks_rounded(table.rows[0].cells["number"])


def test_a_template_comes_back_as_it_was_filled_and_keeps_identity_numbers_as_text() -> None:
    content = template_workbook(COLUMNS, [{"number": "10001", "name": "王小明", "on": date(2026, 11, 20)}])
    [row] = read_table("模板.xlsx", content, COLUMNS).rows
    assert row.cells == {"number": "10001", "name": "王小明", "hours": "", "on": date(2026, 11, 20)}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert (
            'formatCode="@"' in archive.read("xl/styles.xml").decode()
            or 'numFmtId="49"' in archive.read("xl/styles.xml").decode()
        )


def test_what_looks_like_a_formula_stays_text_in_what_we_write() -> None:
    evil = '=HYPERLINK("http://evil","点我")'
    content = template_workbook(COLUMNS, [{"number": "10001", "name": evil}])
    table = read_table("x.xlsx", content, COLUMNS)
    wrong = error_workbook(table, [RowError(row=2, column="姓名", problem="=1+1", example="@x")])
    for workbook in (content, wrong):
        with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
            assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()


def test_the_error_workbook_holds_the_wrong_rows_with_problem_and_remedy_and_can_be_handed_in_again() -> None:
    table = read_table(
        "x.csv", "报名号,姓名,学时,备注\n10001,王小明,3,\n10002,李四,三,旧\n".encode(), COLUMNS
    )
    error = RowError(row=3, column="学时", problem="学时不是数字", example="请填写数字，例如 2.5")
    workbook = error_workbook(table, [error])
    extra = (
        *COLUMNS,
        Column(key="problem", label="问题"),
        Column(key="remedy", label="怎么改"),
        Column(key="note", label="备注"),
    )
    [row] = read_table("错误.xlsx", workbook, extra).rows
    assert row.cells["number"] == "10002"
    assert row.cells["problem"] == "第3行：学时不是数字"
    assert row.cells["remedy"] == "请填写数字，例如 2.5"
    assert row.cells["note"] == "旧"
    again = error_workbook(
        read_table("错误.xlsx", workbook, COLUMNS),
        [RowError(row=2, column="", problem="还是不对", example="再改")],
    )
    assert read_table("错误2.xlsx", again, extra).headers == (
        "报名号",
        "姓名",
        "学时",
        "备注",
        "问题",
        "怎么改",
    )
