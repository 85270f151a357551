"""The table of study hours 学时表: its columns, and what can be wrong with a row in itself.

What the rows mean for what is kept is decided in `services.study.hours_plan`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.imports import ROUNDED_IDENTITY, in_words
from services.rules import identity
from services.rules.errors import InvalidValueError
from services.rules.text import fold, normalise
from services.spreadsheets import (
    Cell,
    Column,
    ColumnKind,
    RowError,
    SpreadsheetError,
    Table,
    TableRow,
    date_of,
    number_of,
    text_of,
)

NUMBER = Column(
    key="number",
    label="报名号",
    kind=ColumnKind.IDENTIFIER,
    aliases=("报名编号",),
    required=False,
    help="报名时得到的号码。没有报名号的，可以加一列“身份证号”（该列须为文本格式）。",
    example="10001",
)
IDENTITY = Column(
    key="identity_number",
    label="身份证号",
    kind=ColumnKind.IDENTIFIER,
    aliases=("身份证号码", "公民身份号码", "证件号码"),
    required=False,
    help="18 位，按文本填写。",
    width=22,
)
NAME = Column(
    key="name", label="姓名", aliases=("学员姓名",), help="用来核对，须与报名时一致。", example="王小明"
)
COURSE = Column(
    key="course",
    label="课程",
    aliases=("课程名称",),
    help="同一人、同一课程、同一天是一条记录：再次导入会更新它，不会重复。",
    example="质量安全法规",
    width=30,
)
STUDIED_ON = Column(
    key="studied_on",
    label="学习日期",
    kind=ColumnKind.DATE,
    aliases=("日期",),
    help="不能是将来。",
    example="2026-11-20",
)
HOURS = Column(
    key="hours",
    label="学时",
    kind=ColumnKind.NUMBER,
    aliases=("学时数",),
    help="大于 0，一个人一天合计不超过 24，最多两位小数。",
    example="4",
)

COLUMNS = (NUMBER, IDENTITY, NAME, COURSE, STUDIED_ON, HOURS)
TEMPLATE_COLUMNS = (NUMBER, NAME, COURSE, STUDIED_ON, HOURS)

MAX_HOURS_A_DAY = Decimal(24)
MAX_COURSE_LENGTH = 100
_MAX_NUMBER = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class HoursRow:
    """A row whose cells are all right in themselves; one of `number` and `identity_number` is set."""

    row: int
    number: int | None
    identity_number: str | None
    name: str
    course: str
    studied_on: date
    hours: Decimal

    @property
    def reference(self) -> str:
        """What makes it the same record when it comes again: course and date."""
        return f"{fold(self.course)}@{self.studied_on.isoformat()}"


def read_rows(table: Table, *, today: date) -> tuple[list[HoursRow], list[RowError]]:
    """Rows that are right in themselves, and what is wrong with the others.

    Raises:
        SpreadsheetError: `spreadsheet.header_missing`, neither 报名号 nor 身份证号 is a column.
    """
    if not table.present & {NUMBER.key, IDENTITY.key}:
        raise SpreadsheetError("spreadsheet.header_missing", columns=f"{NUMBER.label}（或{IDENTITY.label}）")
    good: list[HoursRow] = []
    errors: list[RowError] = []
    for row in table.rows:
        read = _RowReader(table, row, today).read()
        if isinstance(read, HoursRow):
            good.append(read)
        else:
            errors.extend(read)
    return good, errors


class _RowReader:
    """Reads one row and collects what is wrong with its cells."""

    def __init__(self, table: Table, row: TableRow, today: date) -> None:
        self.table, self.row, self.today = table, row, today
        self.errors: list[RowError] = []

    def read(self) -> HoursRow | list[RowError]:
        number, identity_number = self._number(), self._identity()
        if number is None and identity_number is None and not self.errors:
            column = NUMBER if NUMBER.key in self.table.present else IDENTITY
            self._wrong(column, f"没有填写{column.label}", "报名号和身份证号至少填写一个")
        name, course = text_of(self.row.cells[NAME.key]), text_of(self.row.cells[COURSE.key])
        if not name:
            self._wrong(NAME, "没有填写姓名", "请填写报名时的姓名")
        if not course:
            self._wrong(COURSE, "没有填写课程", "请填写课程名称")
        elif len(course) > MAX_COURSE_LENGTH:
            self._wrong(COURSE, f"课程名称超过 {MAX_COURSE_LENGTH} 个字", "请写短一些")
        studied_on, hours = self._studied_on(), self._hours()
        if self.errors or studied_on is None or hours is None:
            return self.errors
        return HoursRow(
            row=self.row.number,
            number=number,
            identity_number=identity_number,
            name=name,
            course=normalise(course),
            studied_on=studied_on,
            hours=hours,
        )

    def _number(self) -> int | None:
        typed = text_of(self.row.cells[NUMBER.key])
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit()) or int(typed) > _MAX_NUMBER:
            self._wrong(NUMBER, "报名号应是数字", "例如 10001；报名号可在报名列表里查到")
            return None
        return int(typed)

    def _identity(self) -> str | None:
        cell: Cell = self.row.cells[IDENTITY.key]
        if cell == "":
            return None
        if identity.looks_rounded(cell):
            self._wrong(IDENTITY, *ROUNDED_IDENTITY)
            return None
        try:
            return identity.parse(text_of(cell), today=self.today).number
        except InvalidValueError as error:
            self._wrong(IDENTITY, *in_words(error))
            return None

    def _studied_on(self) -> date | None:
        try:
            day = date_of(self.row.cells[STUDIED_ON.key])
        except InvalidValueError as error:
            self._wrong(STUDIED_ON, *in_words(error))
            return None
        if day > self.today:
            self._wrong(STUDIED_ON, f"学习日期 {day.isoformat()} 还没有到", "请填写已经完成学习的日期")
            return None
        return day

    def _hours(self) -> Decimal | None:
        try:
            hours = number_of(self.row.cells[HOURS.key])
        except InvalidValueError as error:
            self._wrong(HOURS, *in_words(error))
            return None
        if hours <= 0:
            self._wrong(HOURS, "学时必须大于 0", "请填写实际学时，例如 4")
            return None
        if hours > MAX_HOURS_A_DAY:
            self._wrong(HOURS, "一天的学时不能超过 24", "请按每天的实际学时分行填写")
            return None
        if hours != round(hours, 2):
            self._wrong(HOURS, "学时最多两位小数", "例如 2.5")
            return None
        return hours

    def _wrong(self, column: Column, problem: str, remedy: str) -> None:
        position = self.table.positions.get(column.key)
        header = self.table.headers[position] if position is not None else ""
        self.errors.append(RowError(row=self.row.number, column=header, problem=problem, example=remedy))
