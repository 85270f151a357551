"""The table of scores 成绩表: its columns, and how a row is read. What the rows mean is in `services.exams.scores_plan`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.rules.text import fold
from services.schemes.diagnosis import Diagnosis
from services.spreadsheets import Column, ColumnKind, RowError, SpreadsheetError, Table, TableRow, text_of

TICKET = Column(
    key="ticket",
    label="准考证号",
    kind=ColumnKind.IDENTIFIER,
    aliases=("准考证",),
    required=False,
    help="场次编号加座位号。没有准考证号的，可以用一列“报名号”。",
    example="KS2026-001-003",
    width=20,
)
NUMBER = Column(
    key="number",
    label="报名号",
    kind=ColumnKind.IDENTIFIER,
    aliases=("报名编号",),
    required=False,
    help="报名时得到的号码；和准考证号至少填写一个。",
    example="10001",
)
NAME = Column(
    key="name", label="姓名", aliases=("考生姓名",), help="用来核对，须与报名时一致。", example="王小明"
)
SCORE = Column(
    key="score",
    label="成绩",
    kind=ColumnKind.NUMBER,
    aliases=("分数", "得分", "考试成绩"),
    help="0 到满分，最多两位小数；缺考或作废的留空。",
    example="85.5",
)
STATUS = Column(
    key="status",
    label="状态",
    aliases=("考试状态", "备注"),
    required=False,
    help="留空表示正常；缺考填“缺考”，成绩作废填“作废”。",
    example="缺考",
)
COLUMNS = (TICKET, NUMBER, NAME, SCORE, STATUS)

_MAX_NUMBER = 2**31 - 1
_AREA = "area_"


def area_columns(diagnosis: Diagnosis | None) -> tuple[Column, ...]:
    """One more column for each knowledge area of the scheme (B11); a file may lack them."""
    return tuple(
        Column(
            key=f"{_AREA}{area.key}",
            label=area.label,
            kind=ColumnKind.NUMBER,
            required=False,
            help=f"这个知识领域的得分，0 到 {area.full_score.normalize():f}；各领域得分之和等于成绩。可以整行不填。",
            example=f"{area.full_score.normalize():f}",
        )
        for area in (diagnosis.areas if diagnosis is not None else ())
    )


def area_key(area: str) -> str:
    """Of the column of an area."""
    return f"{_AREA}{area}"


class Attendance(StrEnum):
    """What the status of a row says."""

    SAT = "sat"
    ABSENT = "absent"
    #: The exam of this person does not count: no result, and the seat is void.
    VOID = "void"


ATTENDANCE_WORDS: Mapping[str, Attendance] = {
    "": Attendance.SAT,
    "正常": Attendance.SAT,
    "已参加": Attendance.SAT,
    "已考": Attendance.SAT,
    "缺考": Attendance.ABSENT,
    "旷考": Attendance.ABSENT,
    "作废": Attendance.VOID,
}


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """A row whose cells are all right in themselves; `ticket`, `number` or both are set."""

    row: int
    ticket: str | None
    number: int | None
    name: str
    #: As typed: the full score, against which it is read, is the candidate's scheme's. Empty unless `SAT`.
    score: str
    attendance: Attendance
    #: Scores of knowledge areas as typed, by the area's key; those that are filled in.
    areas: Mapping[str, str] = field(default_factory=dict)


def read_rows(table: Table) -> tuple[list[ScoreRow], list[RowError]]:
    """Rows that are right in themselves, and what is wrong with the others.

    Raises:
        SpreadsheetError: `spreadsheet.header_missing`, neither 准考证号 nor 报名号 is a column.
    """
    if not table.present & {TICKET.key, NUMBER.key}:
        raise SpreadsheetError("spreadsheet.header_missing", columns=f"{TICKET.label}（或{NUMBER.label}）")
    good: list[ScoreRow] = []
    errors: list[RowError] = []
    for row in table.rows:
        read = _RowReader(table, row).read()
        if isinstance(read, ScoreRow):
            good.append(read)
        else:
            errors.extend(read)
    return good, errors


class _RowReader:
    """Reads one row and collects what is wrong with its cells."""

    def __init__(self, table: Table, row: TableRow) -> None:
        self.table, self.row = table, row
        self.errors: list[RowError] = []

    def read(self) -> ScoreRow | list[RowError]:
        ticket, number = self._text(TICKET).upper().replace(" ", "") or None, self._number()
        if ticket is None and number is None and not self.errors:
            column = TICKET if TICKET.key in self.table.present else NUMBER
            self._wrong(column, f"没有填写{column.label}", "准考证号和报名号至少填写一个")
        name = self._text(NAME)
        if not name:
            self._wrong(NAME, "没有填写姓名", "请填写报名时的姓名")
        attendance, score = self._attendance()
        if self.errors or attendance is None:
            return self.errors
        return ScoreRow(
            row=self.row.number,
            ticket=ticket,
            number=number,
            name=name,
            score=score,
            attendance=attendance,
            areas=self._areas(),
        )

    def _areas(self) -> Mapping[str, str]:
        typed = {
            key.removeprefix(_AREA): text_of(cell)
            for key, cell in self.row.cells.items()
            if key.startswith(_AREA)
        }
        return {key: text for key, text in typed.items() if text}

    def _number(self) -> int | None:
        typed = self._text(NUMBER)
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit()) or int(typed) > _MAX_NUMBER:
            self._wrong(NUMBER, "报名号应是数字", "例如 10001；报名号可在座次表里查到")
            return None
        return int(typed)

    def _attendance(self) -> tuple[Attendance | None, str]:
        """What the status says, and the score as typed. A status in the score's place is taken as such."""
        score, status = self._text(SCORE), fold(self._text(STATUS))
        if not status and ATTENDANCE_WORDS.get(fold(score), Attendance.SAT) is not Attendance.SAT:
            score, status = "", fold(score)
        attendance = ATTENDANCE_WORDS.get(status)
        if attendance is None:
            self._wrong(STATUS, "看不懂这个状态", "请留空，或填写“缺考”“作废”")
        elif attendance is Attendance.SAT and not score:
            self._wrong(SCORE, "没有填写成绩", "请填写分数；缺考的请在状态列填“缺考”")
        elif attendance is not Attendance.SAT and score and score.strip("0.") != "":
            self._wrong(SCORE, f"状态是“{status}”，但填写了成绩", "请删去成绩，或改正状态")
        return attendance, score if attendance is Attendance.SAT else ""

    def _text(self, column: Column) -> str:
        return text_of(self.row.cells[column.key])

    def _wrong(self, column: Column, problem: str, remedy: str) -> None:
        position = self.table.positions.get(column.key)
        header = self.table.headers[position] if position is not None else ""
        self.errors.append(RowError(row=self.row.number, column=header, problem=problem, example=remedy))
