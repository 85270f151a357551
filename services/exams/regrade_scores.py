"""The table of scores by the right key: everybody of the sitting who has a published result, and nobody else (B5)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services.diagnosis.terms import diagnosis_of
from services.exams.scores_plan import Candidate, plan
from services.exams.scores_sheet import COLUMNS, area_columns, read_rows
from services.models import ResultState, SeatState
from services.spreadsheets import Column, RowError, read_table
from services.study.records import given_name
from services.unit_of_work import Work
from storage.repositories.results import ResultRepository
from storage.repositories.seats import SeatRepository
from storage.tables import Enrolment, Result


@dataclass(frozen=True, kw_only=True)
class Published:
    """One person whose result is published."""

    result: Result
    enrolment: Enrolment
    name: str


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a file comes to."""

    scores: Mapping[UUID, Decimal]
    #: Scores of knowledge areas, of those whose row has them (B11).
    areas: Mapping[UUID, Mapping[str, Decimal]]
    errors: tuple[RowError, ...]
    #: Who has a published result and is not in the file.
    missing: tuple[Published, ...]
    sha256: str


async def published_of(work: Work, sitting_id: UUID) -> Sequence[Published]:
    """Everybody of a sitting with a published result, by number."""
    names = {
        enrolment.id: given_name(work, enrolment, person.name)
        for _, enrolment, person in await SeatRepository(work.session).list_roll(sitting_id, with_void=True)
    }
    rows = await ResultRepository(work.session).list_current(sitting_id, state=ResultState.PUBLISHED)
    return [
        Published(result=result, enrolment=enrolment, name=names.get(enrolment.id, ""))
        for result, enrolment in rows
    ]


async def read(work: Work, sitting_id: UUID, filename: str, content: bytes) -> Read:
    """Match the rows with the published results. Raises services.spreadsheets.SpreadsheetError."""
    published_rows = await published_of(work, sitting_id)
    table = await asyncio.to_thread(read_table, filename, content, _columns(work, published_rows))
    rows, errors = read_rows(table)
    published = {one.enrolment.id: one for one in published_rows}
    roll = [
        Candidate(
            seat_id=seat.id,
            # Whoever has a published result sat.
            seat_state=SeatState.SAT if enrolment.id in published else SeatState.VOID,
            ticket=seat.ticket,
            enrolment_id=enrolment.id,
            number=enrolment.number,
            name=given_name(work, enrolment, person.name),
            admitted=True,
            full=work.scheme(enrolment.scheme_ref).exam_terms.full_score,
            kept=None,
            areas=diagnosed.areas if (diagnosed := diagnosis_of(work, enrolment)) else (),
        )
        for seat, enrolment, person in await SeatRepository(work.session).list_roll(
            sitting_id, with_void=True
        )
    ]
    headers = {key: table.headers[position] for key, position in table.positions.items()}
    outcome = plan(rows, roll, headers)
    marks = [
        mark
        for mark in (*outcome.new, *outcome.changed)
        if mark.score is not None and mark.candidate.enrolment_id in published
    ]
    scores = {mark.candidate.enrolment_id: mark.score for mark in marks if mark.score is not None}
    return Read(
        scores=scores,
        areas={mark.candidate.enrolment_id: mark.areas for mark in marks if mark.areas is not None},
        errors=(*outcome.errors, *errors),
        missing=tuple(one for key, one in published.items() if key not in scores),
        sha256=table.sha256,
    )


def _columns(work: Work, published: Sequence[Published]) -> tuple[Column, ...]:
    """Those of a table of scores, with the areas of the scheme."""
    diagnosis = next((diagnosis_of(work, one.enrolment) for one in published), None)
    return (*COLUMNS, *area_columns(diagnosis))
