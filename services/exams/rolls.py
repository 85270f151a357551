"""The seat table 考场座次表 that invigilators print: an xlsx on A4, with a place for each signature."""

import io

import xlsxwriter

from services.exams.plan import when
from services.exams.views import RollRow, SittingDetail
from services.models import SeatState

#: Header and width in characters; the last one is written by hand.
_COLUMNS = (
    ("座位", 6),
    ("准考证号", 18),
    ("姓名", 14),
    ("身份证号", 22),
    ("报名号", 10),
    ("状态", 8),
    ("签名", 16),
)
_STATES = {
    SeatState.BOOKED: "已预约",
    SeatState.CHECKED_IN: "已签到",
    SeatState.SAT: "已参加",
    SeatState.ABSENT: "缺考",
    SeatState.WAITLISTED: "候补",
}
_TABLE_FROM = 3


def roll_workbook(detail: SittingDetail) -> bytes:
    """Seats by number, then those who wait; identity numbers as they are masked in `detail`. Blocking: use a thread."""
    sitting = detail.sitting
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        title = book.add_format({"bold": True, "font_size": 14})
        header = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
        cell = book.add_format({"num_format": "@", "border": 1})
        sheet = book.add_worksheet("座次表")
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_TABLE_FROM)
        sheet.set_footer(f"&L{sitting.code}&R第 &P 页，共 &N 页")
        sheet.write_string(0, 0, f"{sitting.scheme}考试座次表　{sitting.code}", title)
        sheet.write_string(1, 0, f"时间：{when(sitting.starts_at, sitting.ends_at)}　地点：{sitting.place}")
        sheet.write_string(
            2, 0, f"容量 {sitting.capacity}　已预约 {sitting.booked}　候补 {sitting.waitlisted}"
        )
        for column, (label, width) in enumerate(_COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(_TABLE_FROM, column, label, header)
        for line, row in enumerate(detail.roll, start=_TABLE_FROM + 1):
            for column, text in enumerate(_cells(row)):
                sheet.write_string(line, column, text, cell)
        sheet.freeze_panes(_TABLE_FROM + 1, 0)
    return out.getvalue()


def _cells(row: RollRow) -> tuple[str, ...]:
    return (
        str(row.number or ""),
        row.ticket or "",
        row.name,
        row.identity_masked,
        str(row.enrolment_number),
        _STATES.get(row.state, row.state),
        "",
    )
