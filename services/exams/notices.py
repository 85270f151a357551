"""What candidates are told about sittings and seats: openings, bookings, reminders, changes, cancellations.

Whatever speaks of a seat's time and place is in the group `sitting:<id>:<plan>:<enrolment>`, so that a change takes
back what was not sent yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.exams.plan import when
from services.exams.views import scheme_title
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.rules.calendar import ReminderKind, exam_reminders, next_allowed
from services.rules.localtime import local_datetime, local_day
from services.unit_of_work import Work
from storage.tables import Enrolment, Seat, Sitting


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A seat and whose it is; `waiting_position` while it is on the waiting list."""

    seat: Seat
    enrolment: Enrolment
    waiting_position: int | None = None


class ExamNotices:
    """Messages about sittings, written in the transaction that gives cause for them."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.notices = NoticeService(work)

    async def open(self, sitting: Sitting, ready: Iterable[tuple[UUID, UUID]]) -> None:
        """Tell people that they can book; `ready` are (enrolment, follower)."""
        facts = {**self._facts(sitting), "hint": "回复 考试 选择场次"}
        await self.notices.send_many(
            [
                Addressed(
                    follower_id=follower_id,
                    notice="sitting_opened",
                    cause=f"{sitting.id}:{sitting.plan}:{enrolment_id}",
                    facts=facts,
                    enrolment_id=enrolment_id,
                    group=_opening(sitting, enrolment_id),
                )
                for enrolment_id, follower_id in ready
            ]
        )

    async def withdraw_openings(self, sitting: Sitting) -> int:
        """Take back what people were not told yet of its opening."""
        return await self.notices.withdraw_prefix(_openings(sitting))

    async def remind(self, sitting: Sitting, holders: Sequence[Holder]) -> None:
        """Write the reminders 7 days, 1 day and 2 hours before, as far as they still lie ahead."""
        await self.notices.send_many(self._reminders(sitting, holders))

    async def moved_up(self, sitting: Sitting, holders: Sequence[Holder]) -> None:
        """Tell people that they have a seat that they did not choose themselves just now, and remind them of it."""
        await self.notices.send_many(self._moved_up(sitting, holders))

    async def taken(self, sitting: Sitting, holder: Holder, *, by_staff: bool) -> None:
        """One has booked: no opening is news to them; whoever has a number is reminded, whom staff booked is told."""
        messages = self._reminders(sitting, [holder]) if holder.seat.number is not None else []
        if by_staff:
            notice = "seat_waitlisted" if holder.seat.number is None else "seat_booked"
            messages += self._told(sitting, [holder], notice)
        await self.notices.replace(_opening(sitting, holder.enrolment.id), messages)

    async def given_back(
        self, sitting: Sitting, holder: Holder, *, to: Sequence[Holder], told: str | None
    ) -> None:
        """Take back what one was not told yet of their seat, and tell those `to` whom it went.

        `told` is staff's reason, which may be empty, when it was they who gave it back: then its holder is told, too.
        """
        messages = self._moved_up(sitting, to)
        if told is not None:
            note = f"\n原因：{told}" if told else ""
            messages += self._told(
                sitting, [holder], "seat_released", reason=note, hint="座位已取消，可另选场次"
            )
        await self.notices.replace(_group(sitting, holder.enrolment.id), messages)

    async def changed(
        self, sitting: Sitting, holders: Sequence[Holder], *, before: str, reason: str, bring: bool
    ) -> None:
        """Tell everybody what it was before and is now; `bring` says that what to bring is new too."""
        note = f"\n原因：{reason}" + (f"\n请带：{'、'.join(sitting.bring)}" if bring else "")
        await self._tell(
            sitting,
            holders,
            "sitting_changed",
            cause=str(sitting.plan),
            before=before,
            reason=note,
            hint="安排有变，回复 考试 查看",
        )

    async def cancelled(self, sitting: Sitting, holders: Sequence[Holder], *, reason: str) -> None:
        """Tell everybody that it does not take place."""
        await self._tell(
            sitting,
            holders,
            "sitting_cancelled",
            before=when(sitting.starts_at, sitting.ends_at),
            reason=reason,
            time=local_datetime(self.work.now),
            hint="新场次开放后通知您",
        )

    async def withdraw_everything(self, sitting: Sitting) -> int:
        """Take back what nobody was told yet of their seats, of every plan."""
        return await self.notices.withdraw_prefix(f"sitting:{sitting.id}:")

    async def _tell(
        self, sitting: Sitting, holders: Sequence[Holder], notice: str, *, cause: str = "", **more: str
    ) -> None:
        await self.notices.send_many(self._told(sitting, holders, notice, cause=cause, **more))

    def _told(
        self, sitting: Sitting, holders: Sequence[Holder], notice: str, *, cause: str = "", **more: str
    ) -> list[Addressed]:
        return [
            Addressed(
                follower_id=holder.enrolment.follower_id,
                notice=notice,
                # By seat: whoever gives one back and books again is told again.
                cause=":".join(filter(None, (str(holder.seat.id), holder.seat.ticket or "", cause))),
                facts={**self._facts(sitting), **_seat_facts(holder), **more},
                enrolment_id=holder.enrolment.id,
                group=_group(sitting, holder.enrolment.id),
            )
            for holder in holders
        ]

    def _moved_up(self, sitting: Sitting, holders: Sequence[Holder]) -> list[Addressed]:
        return self._told(sitting, holders, "seat_booked") + self._reminders(sitting, holders)

    def _reminders(self, sitting: Sitting, holders: Sequence[Holder]) -> list[Addressed]:
        return [message for holder in holders for message in self._reminders_of(sitting, holder)]

    def _reminders_of(self, sitting: Sitting, holder: Holder) -> Iterable[Addressed]:
        for kind, due_at in exam_reminders(sitting.starts_at):
            if due_at <= self.work.now:
                continue
            # Said for the time at which it goes out: quiet hours may move it to another day.
            days = (local_day(sitting.starts_at) - local_day(next_allowed(due_at))).days
            lead = _lead(kind, days)
            yield Addressed(
                follower_id=holder.enrolment.follower_id,
                notice="exam_reminder" if kind.can_wait else "exam_reminder_urgent",
                cause=f"{sitting.id}:{sitting.plan}:{holder.seat.id}:{kind}",
                facts={
                    **self._facts(sitting),
                    **_seat_facts(holder),
                    "lead": lead,
                    "hint": f"{lead}考试，座位{holder.seat.number}号",
                },
                enrolment_id=holder.enrolment.id,
                due_at=due_at,
                group=_group(sitting, holder.enrolment.id),
            )

    def _facts(self, sitting: Sitting) -> dict[str, str]:
        return {
            "scheme": scheme_title(self.work, sitting),
            "when": when(sitting.starts_at, sitting.ends_at),
            "time": local_datetime(sitting.starts_at),
            "place": sitting.place,
            "place_short": sitting.place,
            "bring": "、".join(sitting.bring),
        }


def _seat_facts(holder: Holder) -> dict[str, str]:
    if holder.seat.number is None:
        position = str(holder.waiting_position or "")
        return {
            "seat": f"候补第 {position} 位",
            "ticket": "—",
            "position": position,
            "hint": f"已进入候补，第 {position} 位",
        }
    return {
        "seat": f"{holder.seat.number}号",
        "ticket": holder.seat.ticket or "",
        "position": "",
        "hint": f"座位{holder.seat.number}号，回复 考试 查看",
    }


def _lead(kind: ReminderKind, days: int) -> str:
    if kind is ReminderKind.TWO_HOURS:
        return "2小时后"
    return {0: "今天", 1: "明天"}.get(days, f"还有{days}天")


def _group(sitting: Sitting, enrolment_id: UUID) -> str:
    return f"sitting:{sitting.id}:{sitting.plan}:{enrolment_id}"


def _openings(sitting: Sitting) -> str:
    return f"sitting-opened:{sitting.id}:"


def _opening(sitting: Sitting, enrolment_id: UUID) -> str:
    return f"{_openings(sitting)}{enrolment_id}"
