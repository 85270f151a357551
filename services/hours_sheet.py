"""The table of study hours 学时表: its columns, how a row is read, and what a file means for what is kept.

Everything here is decided without a database: `services.study` brings what is kept and writes what comes out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.imports import ROUNDED_IDENTITY, in_words
from services.rules import identity, names
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


@dataclass(frozen=True, kw_only=True)
class Student:
    """An enrolment that rows can mean, with the hours that are kept for it."""

    enrolment_id: UUID
    number: int
    name: str
    #: As text for a row's error: `ADMITTED` ones take hours.
    admitted: bool
    #: Whether its scheme asks for hours at all.
    needs_hours: bool


@dataclass(frozen=True, kw_only=True)
class KeptRecord:
    """A record that an earlier import wrote, or an accepted proof without a day."""

    id: UUID
    enrolment_id: UUID
    source: str
    reference: str
    studied_on: date | None
    hours: Decimal


@dataclass(frozen=True, kw_only=True)
class ChangedRecord:
    """A record that gets other hours, and the row that says so."""

    record: KeptRecord
    hours: Decimal
    row: int


@dataclass(kw_only=True)
class HoursPlan:
    """What a file comes to."""

    new: list[tuple[UUID, HoursRow]] = field(default_factory=list)
    changed: list[tuple[UUID, ChangedRecord]] = field(default_factory=list)
    same: int = 0
    errors: list[RowError] = field(default_factory=list)

    @property
    def touched(self) -> frozenset[UUID]:
        """Enrolments whose hours change."""
        return frozenset(enrolment_id for enrolment_id, _ in (*self.new, *self.changed))


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


def plan(
    rows: Sequence[HoursRow],
    *,
    by_number: Mapping[int, Student],
    by_identity: Mapping[str, Sequence[Student]],
    kept: Iterable[KeptRecord],
    headers: Mapping[str, str],
) -> HoursPlan:
    """What the rows mean: new, changed and same records, and rows that fit no one or contradict each other.

    `headers` gives the file's own header of a column key, so that an error points at the right column.
    """
    outcome = HoursPlan()
    records = {(item.enrolment_id, item.reference): item for item in kept if item.source == "import"}
    meant: dict[tuple[UUID, str], list[HoursRow]] = defaultdict(list)
    for row in rows:
        found = _whose(row, by_number, by_identity, headers)
        if isinstance(found, RowError):
            outcome.errors.append(found)
        else:
            meant[found.enrolment_id, row.reference].append(row)
    replaced = {key: value[0].hours for key, value in meant.items() if len({row.hours for row in value}) == 1}
    days: dict[tuple[UUID, date], Decimal] = defaultdict(Decimal)
    for item in records.values():
        if item.studied_on is not None and (item.enrolment_id, item.reference) not in replaced:
            days[item.enrolment_id, item.studied_on] += item.hours
    for (enrolment_id, reference), same_key in meant.items():
        row = same_key[0]
        if (enrolment_id, reference) not in replaced:
            outcome.errors.extend(_contradiction(other, same_key, headers) for other in same_key)
            continue
        outcome.errors.extend(_repetition(other, row, headers) for other in same_key[1:])
        day = (enrolment_id, row.studied_on)
        if days[day] + row.hours > MAX_HOURS_A_DAY:
            outcome.errors.append(_too_much(row, days[day], headers))
            continue
        days[day] += row.hours
        record = records.get((enrolment_id, reference))
        if record is None:
            outcome.new.append((enrolment_id, row))
        elif record.hours == row.hours:
            outcome.same += 1
        else:
            outcome.changed.append((enrolment_id, ChangedRecord(record=record, hours=row.hours, row=row.row)))
    return outcome


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


def _whose(
    row: HoursRow,
    by_number: Mapping[int, Student],
    by_identity: Mapping[str, Sequence[Student]],
    headers: Mapping[str, str],
) -> Student | RowError:
    """The one enrolment that a row means, or why there is none."""
    if row.number is not None:
        key, label = NUMBER.key, f"报名号 {row.number} "
        found = [by_number[row.number]] if row.number in by_number else []
    else:
        key, label = IDENTITY.key, "这个身份证号"
        found = list(by_identity.get(row.identity_number or "", ()))
    header = headers.get(key, "")
    if not found:
        return RowError(
            row=row.row,
            column=header,
            problem=f"{label}没有对应的报名",
            example="请核对号码；只能导入本机构的学员",
        )
    # A person may have enrolled in several schemes, and again after a result: only a running one takes hours.
    running = [student for student in found if student.admitted]
    if len(running) > 1:
        return RowError(
            row=row.row,
            column=header,
            problem="这个人同时有几个报名",
            example="请改填报名号，写明是哪一个报名",
        )
    student = running[0] if running else found[-1]
    if row.number is not None and row.identity_number is not None:
        others = by_identity.get(row.identity_number, ())
        if all(other.enrolment_id != student.enrolment_id for other in others):
            return RowError(
                row=row.row,
                column=headers.get(IDENTITY.key, ""),
                problem="报名号和身份证号不是同一个人",
                example="请核对这两个号码，或只填报名号",
            )
    if not names.equal(row.name, student.name):
        return RowError(
            row=row.row,
            column=headers.get(NAME.key, ""),
            problem="姓名与报名信息不一致",
            example=f"请核对姓名，或核对{'报名号' if row.number is not None else '身份证号'}是否写错",
        )
    if not student.admitted:
        return RowError(
            row=row.row,
            column=header,
            problem=f"{label}的报名不在学习中",
            example="审核通过后、成绩公布前才能导入学时",
        )
    if not student.needs_hours:
        return RowError(row=row.row, column=header, problem="这个报名项目不要求学时", example="请删去这一行")
    return student


def _contradiction(row: HoursRow, all_of_them: Sequence[HoursRow], headers: Mapping[str, str]) -> RowError:
    others = "、".join(str(other.row) for other in all_of_them if other is not row)
    return RowError(
        row=row.row,
        column=headers.get(HOURS.key, ""),
        problem=f"与第 {others} 行是同一人、同一课程、同一天，但学时不同",
        example="请只保留正确的一行",
    )


def _repetition(row: HoursRow, first: HoursRow, headers: Mapping[str, str]) -> RowError:
    return RowError(
        row=row.row,
        column=headers.get(COURSE.key, ""),
        problem=f"与第 {first.row} 行重复（同一人、同一课程、同一天），已按第 {first.row} 行计一次",
        example="请删去重复的行；当天分两次学习的，请合并为一行",
    )


def _too_much(row: HoursRow, already: Decimal, headers: Mapping[str, str]) -> RowError:
    return RowError(
        row=row.row,
        column=headers.get(HOURS.key, ""),
        problem=f"这一天合计超过 24 学时（当天其他课程已有 {already.normalize():f}）",
        example="请核对日期和学时",
    )
