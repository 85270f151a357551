"""Lists of people 名单 as a scheme lays them out: looked at first, then handed on as xlsx (D7, D8).

A list is made from the same filter that the queue shows. It is the one place where identity numbers leave in full,
because the source demands it: every export is logged with its count.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services import audit
from services.access import ensure_officer, visible_organisation
from services.answers import plain_answers
from services.enrolments.review import QueueScope, default_scope
from services.enrolments.views import name_in
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, EnrolmentState
from services.rules import rosters
from services.rules.localtime import local_date
from services.rules.rosters import Lack, Line
from services.schemes.models import Roster, Scheme
from services.spreadsheets.rosters import roster_workbook
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository, QueueFilter
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Enrolment

#: More in one table is a fault in the filter.
MOST_ROWS: Final = 20_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which list, and of whom: what the queue's filter shows."""

    scheme_id: str
    list_key: str
    states: frozenset[str]
    query: str = ""
    class_id: UUID | None = None
    #: None: as `ReviewService.queue` takes it.
    scope: QueueScope | None = None


@dataclass(frozen=True, kw_only=True)
class Refused:
    """One whose line is not complete; `lacks` says what, `state` what can be done about it."""

    enrolment_id: UUID
    number: int
    name: str
    state: EnrolmentState
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, kw_only=True)
class RosterPreview:
    """What an export would hold."""

    scheme: Scheme
    roster: Roster
    #: How many lines are complete.
    complete: int
    refused: tuple[Refused, ...]
    #: Stands for exactly these refused lines: give it back with the export, so that nobody is left out unseen.
    seen: str


@dataclass(frozen=True, kw_only=True)
class RosterFile:
    """A workbook that was exported."""

    filename: str
    content: bytes
    rows: int
    left_out: int


class RosterService:
    """Lists of one unit of work. The number of statements does not depend on the number of rows."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.enrolments = EnrolmentRepository(work.session)

    async def preview(self, actor: Actor, wanted: Wanted) -> RosterPreview:
        """Who would be in the list, and whose line lacks what.

        Raises:
            NotFoundError: `list.not_found`: the scheme has no such list.
            ServiceError: `list.too_many` with the `limit`.
        """
        preview, _ = await self._read(actor, wanted)
        return preview

    async def export(self, actor: Actor, wanted: Wanted, *, seen: str = "") -> RosterFile:
        """The complete lines as xlsx; logged with how many.

        Raises:
            NotFoundError, ServiceError: as `preview`; ForbiddenError for a reader.
            ConflictError: `list.incomplete` with the `count`, unless `seen` is that of a preview of the same lines;
                `list.empty` when there is no complete line.
        """
        organisation_id = visible_organisation(actor)
        if organisation_id is not None:
            ensure_officer(actor, organisation_id)
        preview, cells = await self._read(actor, wanted)
        if preview.refused and seen != preview.seen:
            raise ConflictError("list.incomplete", count=len(preview.refused))
        if not cells:
            raise ConflictError("list.empty")
        scheme, roster = preview.scheme, preview.roster
        organisation = (
            await OrganisationRepository(self.work.session).find(organisation_id) if organisation_id else None
        )
        content = await asyncio.to_thread(
            roster_workbook,
            roster,
            cells,
            organisation=organisation.name if organisation else "",
            officer=actor.name,
            date=local_date(self.work.now),
        )
        audit.record(
            self.work,
            actor,
            "list.exported",
            "list",
            f"{scheme.id}:{roster.key}",
            after={
                "list": roster.name,
                "rows": len(cells),
                "left_out": len(preview.refused),
                "states": sorted(wanted.states),
                "class": str(wanted.class_id or ""),
            },
            scheme_ref=scheme.ref,
        )
        return RosterFile(
            filename=f"{roster.title}（{scheme.short_title}）{local_date(self.work.now)}.xlsx",
            content=content,
            rows=len(cells),
            left_out=len(preview.refused),
        )

    async def _read(self, actor: Actor, wanted: Wanted) -> tuple[RosterPreview, Sequence[Sequence[str]]]:
        """The preview, and the cells of every complete line."""
        try:
            scheme = self.work.tools.schemes.current(wanted.scheme_id)
            roster = scheme.roster(wanted.list_key)
        except KeyError:
            raise NotFoundError("list.not_found") from None
        rows = await self.enrolments.list_queue(
            QueueFilter(
                organisation_id=visible_organisation(actor),
                states=wanted.states,
                scheme_id=wanted.scheme_id,
                query=wanted.query.strip()[:40],
                class_id=wanted.class_id,
                scope=wanted.scope or default_scope(wanted.states),
                now=self.work.now,
            ),
            limit=MOST_ROWS + 1,
        )
        if len(rows) > MOST_ROWS:
            raise ServiceError("list.too_many", limit=MOST_ROWS)
        # Thousands of numbers are decrypted: not while everybody else waits.
        read = await asyncio.to_thread(lambda: [self._line(roster, row) for row in rows])
        refused = tuple(
            Refused(
                enrolment_id=row.id,
                number=row.number,
                name=name,
                state=EnrolmentState(row.state),
                lacks=line.lacks,
            )
            for row, (name, line) in zip(rows, read, strict=True)
            if line.lacks
        )
        complete = [line.cells for _, line in read if not line.lacks]
        preview = RosterPreview(
            scheme=scheme, roster=roster, complete=len(complete), refused=refused, seen=_seen(refused)
        )
        return preview, complete

    def _line(self, roster: Roster, row: Enrolment) -> tuple[str, Line]:
        scheme = self.work.scheme(row.scheme_ref)
        answers = plain_answers(self.work, row)
        return name_in(scheme, answers), rosters.line(roster, scheme, answers)


def _seen(refused: Sequence[Refused]) -> str:
    told = ";".join(
        f"{one.number}:{','.join(lack.column + lack.kind for lack in one.lacks)}" for one in refused
    )
    return hashlib.sha256(told.encode()).hexdigest()[:32]
