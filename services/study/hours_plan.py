"""What a table of study hours means for what is kept: new, changed and same records, and rows that fit no one.

Decided without a database: `services.study.hours_import` brings what is kept and writes what comes out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.rules import names
from services.spreadsheets import RowError
from services.study.hours_sheet import COURSE, HOURS, IDENTITY, MAX_HOURS_A_DAY, NAME, NUMBER, HoursRow


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
