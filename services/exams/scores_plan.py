"""What a table of scores means for what is kept: new, changed and same results, and rows that fit no one.

Decided without a database: `services.exams.scores_import` brings what is kept and writes what comes out.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from services.exams.scores_sheet import (
    NAME,
    NUMBER,
    SCORE,
    STATUS,
    TICKET,
    Attendance,
    ScoreRow,
    area_key,
)
from services.models import ResultState, SeatState
from services.rules import names
from services.rules.errors import InvalidValueError
from services.rules.grading import parse_score
from services.schemes.diagnosis import Area
from services.spreadsheets import RowError

_WITHOUT_A_MARK = (SeatState.BOOKED, SeatState.CHECKED_IN, SeatState.SAT)
_SEAT_OF = {Attendance.ABSENT: SeatState.ABSENT, Attendance.VOID: SeatState.VOID}


@dataclass(frozen=True, kw_only=True)
class KeptResult:
    """The current result of a candidate."""

    id: UUID
    raw: Decimal
    grade: str
    state: ResultState
    #: Scores of knowledge areas, by key; None while none are known (B11).
    areas: Mapping[str, Decimal] | None = None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody on the roll, whom rows can mean."""

    seat_id: UUID
    seat_state: SeatState
    ticket: str | None
    enrolment_id: UUID
    number: int
    name: str
    #: Whether the enrolment still waits for its result.
    admitted: bool
    #: Full score of the scheme version that the enrolment stays with (B12).
    full: Decimal
    kept: KeptResult | None
    #: Knowledge areas of the paper; none: it is not divided.
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A candidate gets this score, or, when it is None, the seat gets this state and no result stands."""

    candidate: Candidate
    score: Decimal | None
    seat_state: SeatState
    areas: Mapping[str, Decimal] | None = None


@dataclass(kw_only=True)
class ScoresPlan:
    """What a file comes to."""

    new: list[Mark] = field(default_factory=list)
    changed: list[Mark] = field(default_factory=list)
    #: The score is as it was, and its knowledge areas become known.
    diagnosed: list[Mark] = field(default_factory=list)
    same: int = 0
    errors: list[RowError] = field(default_factory=list)


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """A row that cannot be taken: the column's key, what is wrong, how to mend it."""

    def __init__(self, key: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.key, self.problem, self.remedy = key, problem, remedy


def plan(rows: Sequence[ScoreRow], roll: Sequence[Candidate], headers: Mapping[str, str]) -> ScoresPlan:
    """What the rows mean for the candidates on the roll; live seats stand before void ones in `roll`.

    `headers` gives the file's own header of a column key, so that an error points at the right column.
    """
    outcome = ScoresPlan()
    by_ticket: dict[str, Candidate] = {}
    by_number: dict[int, Candidate] = {}
    for candidate in roll:
        by_number.setdefault(candidate.number, candidate)
        if candidate.ticket is not None:
            by_ticket.setdefault(candidate.ticket, candidate)

    def refuse(row: ScoreRow, reason: _Refused) -> None:
        column = headers.get(reason.key, "")
        outcome.errors.append(
            RowError(row=row.row, column=column, problem=reason.problem, example=reason.remedy)
        )

    meant: dict[UUID, list[tuple[ScoreRow, Mark]]] = defaultdict(list)
    for row in rows:
        try:
            candidate = _whose(row, by_ticket, by_number)
            mark = _mark(row, candidate)
        except _Refused as reason:
            refuse(row, reason)
        else:
            meant[candidate.seat_id].append((row, mark))
    for pairs in meant.values():
        row, mark = pairs[0]
        if any(other != mark for _, other in pairs):
            for one, _ in pairs:
                refuse(one, _contradiction(one, [other for other, _ in pairs]))
            continue
        for again, _ in pairs[1:]:
            refuse(
                again,
                _Refused(NAME.key, f"与第 {row.row} 行重复，已按第 {row.row} 行计一次", "请删去重复的行"),
            )
        _sort(outcome, mark)
    return outcome


def _whose(
    row: ScoreRow, by_ticket: Mapping[str, Candidate], by_number: Mapping[int, Candidate]
) -> Candidate:
    """The one on the roll whom a row means. Raises _Refused."""
    if row.ticket is not None:
        key, label, found = TICKET.key, f"准考证号 {row.ticket} ", by_ticket.get(row.ticket)
    else:
        key, label, found = NUMBER.key, f"报名号 {row.number} ", by_number.get(row.number or 0)
    if found is None:
        raise _Refused(key, f"{label}不在本场考试的座次表里", "请核对号码，或确认选对了场次")
    if row.ticket is not None and row.number is not None and found.number != row.number:
        raise _Refused(NUMBER.key, "准考证号和报名号不是同一个人", "请核对这两个号码，或只填准考证号")
    if not names.equal(row.name, found.name):
        raise _Refused(NAME.key, "姓名与报名信息不一致", "请核对姓名，或核对号码是否写错")
    return found


def _mark(row: ScoreRow, candidate: Candidate) -> Mark:
    """What the row says of the candidate, when that may still be said. Raises _Refused."""
    score = _score(row, candidate) if row.attendance is Attendance.SAT else None
    kept = candidate.kept
    if kept is not None and kept.state is ResultState.PUBLISHED:
        if score != kept.raw:
            key = SCORE.key if score is not None else STATUS.key
            raise _Refused(
                key,
                f"成绩已公布（{kept.raw.normalize():f} 分），不能再改",
                "请删去这一行；确需更正的，走申诉程序",
            )
    elif candidate.seat_state is SeatState.WAITLISTED:
        raise _Refused(TICKET.key, "这个人在候补名单里，没有座位", "请核对号码")
    elif candidate.seat_state is SeatState.VOID and row.attendance is not Attendance.VOID:
        raise _Refused(TICKET.key, "这个座位已取消或作废", "请核对号码，或确认选对了场次")
    elif not candidate.admitted:
        raise _Refused(NAME.key, "这个报名已经结束", "请核对号码，或删去这一行")
    if score is None:
        return Mark(candidate=candidate, score=None, seat_state=_SEAT_OF[row.attendance])
    # Somebody marked absent who has a score was there after all.
    was_there = candidate.seat_state in _WITHOUT_A_MARK
    seat_state = candidate.seat_state if was_there else SeatState.CHECKED_IN
    areas = _areas(row, candidate, score)
    if kept is not None and kept.state is ResultState.PUBLISHED and areas and kept.areas not in (None, areas):
        key = area_key(next(key for key in areas if areas[key] != (kept.areas or {}).get(key)))
        raise _Refused(key, "领域得分已经登记，不能再改", "请删去这一行，或改回原来的领域得分")
    return Mark(candidate=candidate, score=score, seat_state=seat_state, areas=areas)


def _areas(row: ScoreRow, candidate: Candidate, score: Decimal) -> Mapping[str, Decimal] | None:
    """Scores of all areas, which together are the score; None when none is filled in. Raises _Refused."""
    if not row.areas or not candidate.areas:
        return None
    found = {}
    for area in candidate.areas:
        key, limit = area_key(area.key), f"{area.full_score.normalize():f}"
        if not (typed := row.areas.get(area.key, "")):
            raise _Refused(key, f"没有填写“{area.label}”的得分", "各领域都要填写，或整行都不填")
        try:
            found[area.key] = parse_score(typed, area.full_score)
        except InvalidValueError:
            problem = f"“{area.label}”的得分应是 0 到 {limit} 的数字，最多两位小数"
            raise _Refused(key, problem, f"请核对，满分是 {limit} 分") from None
    if (total := sum(found.values(), Decimal(0))) != score:
        problem = f"各领域得分之和是 {total.normalize():f}，成绩是 {score.normalize():f}"
        raise _Refused(SCORE.key, problem, "请核对成绩和各领域得分，二者要一致")
    return found


def _score(row: ScoreRow, candidate: Candidate) -> Decimal:
    try:
        return parse_score(row.score, candidate.full)
    except InvalidValueError as error:
        words = {
            "score.range": (
                f"成绩应在 0 到 {error.facts.get('maximum')} 之间",
                f"请核对，满分是 {error.facts.get('maximum')} 分",
            ),
            "score.decimals": ("成绩最多两位小数", "例如 85.5"),
        }
        problem, remedy = words.get(error.code, ("成绩不是数字", "请只填分数，例如 85.5"))
        raise _Refused(SCORE.key, problem, remedy) from None


def _sort(outcome: ScoresPlan, mark: Mark) -> None:
    """Put the mark where it belongs."""
    candidate, kept = mark.candidate, mark.candidate.kept
    if mark.score is not None:
        unchanged = kept is not None and kept.raw == mark.score
    else:
        unchanged = kept is None and candidate.seat_state is mark.seat_state
    if unchanged and kept is not None and mark.areas is not None and kept.areas != mark.areas:
        # Nobody's grade follows from the areas: they are put in where none were, and changed only before publication.
        outcome.diagnosed.append(mark)
    elif unchanged:
        outcome.same += 1
    elif kept is None and candidate.seat_state in _WITHOUT_A_MARK:
        outcome.new.append(mark)
    else:
        outcome.changed.append(mark)


def _contradiction(row: ScoreRow, all_of_them: Sequence[ScoreRow]) -> _Refused:
    others = "、".join(str(other.row) for other in all_of_them if other is not row)
    return _Refused(SCORE.key, f"与第 {others} 行是同一个人，但成绩或状态不同", "请只保留正确的一行")
