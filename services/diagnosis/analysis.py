"""What the papers of many say about the trade, for staff: nothing that belongs to fewer people than allowed (B9, B11)."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from services import audit
from services.access import visible_organisation
from services.answers import plain_answers
from services.diagnosis.service import scores_of
from services.diagnosis.workbook import written
from services.errors import NotFoundError, ServiceError
from services.models import Actor
from services.rules import divisions
from services.rules.diagnosis import Analysis, analyse
from services.rules.localtime import SHANGHAI
from services.schemes.diagnosis import Diagnosis
from services.schemes.models import FieldKind, Scheme
from services.unit_of_work import Work
from storage.repositories.diagnosis import AnalysedRow, DiagnosisRepository

#: Papers that one analysis looks at; whoever has more narrows the time.
MOST_PAPERS: Final = 20_000
UNKNOWN: Final = "未填写"


class Grouping(StrEnum):
    """By what people are put together."""

    REGION = "region"
    ORGANISATION = "organisation"
    SITTING = "sitting"


@dataclass(frozen=True, kw_only=True)
class AnalysisView:
    """An analysis with what was asked for."""

    scheme_id: str
    scheme: str
    by: Grouping
    since: date | None
    until: date | None
    diagnosis: Diagnosis
    analysis: Analysis


class AnalysisService:
    """Analyses over the sittings of the actor's organisation."""

    def __init__(self, work: Work) -> None:
        self.work = work

    def schemes(self) -> tuple[Scheme, ...]:
        """Those whose papers are divided into areas, in the order of lists."""
        found = [scheme for scheme in self.work.tools.schemes.values() if scheme.diagnosis is not None]
        return tuple(sorted({scheme.id: scheme for scheme in found}.values(), key=lambda one: one.position))

    async def show(
        self,
        actor: Actor,
        scheme_id: str,
        *,
        by: Grouping = Grouping.REGION,
        since: date | None = None,
        until: date | None = None,
    ) -> AnalysisView:
        """Published results by area; `since` and `until` are days of the exam, both included.

        Raises:
            NotFoundError: `analysis.no_areas`: no such scheme, or it names no areas.
            ServiceError: `analysis.too_many` (`limit`). ForbiddenError: nobody of the staff.
        """
        own = visible_organisation(actor)
        scheme = next((one for one in self.schemes() if one.id == scheme_id), None)
        if scheme is None or scheme.diagnosis is None:
            raise NotFoundError("analysis.no_areas")
        rows = await DiagnosisRepository(self.work.session).analysed(
            own,
            scheme_id,
            since=_start(since) if since is not None else None,
            before=_start(until + timedelta(days=1)) if until is not None else None,
            limit=MOST_PAPERS + 1,
        )
        if len(rows) > MOST_PAPERS:
            raise ServiceError("analysis.too_many", limit=MOST_PAPERS)
        name = _NAMES[by]
        pairs = [(name(self.work, row), scores_of(row.result)) for row in rows]
        return AnalysisView(
            scheme_id=scheme_id,
            scheme=scheme.short_title,
            by=by,
            since=since,
            until=until,
            diagnosis=scheme.diagnosis,
            analysis=await asyncio.to_thread(analyse, scheme.diagnosis, pairs),
        )

    async def export(
        self,
        actor: Actor,
        scheme_id: str,
        *,
        by: Grouping = Grouping.REGION,
        since: date | None = None,
        until: date | None = None,
    ) -> bytes:
        """The same as xlsx; that it was taken is logged (B9). Raises as `show`."""
        view = await self.show(actor, scheme_id, by=by, since=since, until=until)
        audit.record(
            self.work,
            actor,
            "analysis.exported",
            "scheme",
            scheme_id,
            after={"by": by.value, "people": view.analysis.people},
        )
        return await asyncio.to_thread(written, view.scheme, view.diagnosis, view.analysis)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def _region(work: Work, row: AnalysedRow) -> str:
    field = work.scheme(row.enrolment.scheme_ref).field_of_kind(FieldKind.REGION)
    return _city(plain_answers(work, row.enrolment).get(field.key, "")) if field is not None else UNKNOWN


@lru_cache(maxsize=4096)
def _city(text: str) -> str:
    """Province and city: a county is too small to be told from its people."""
    found = divisions.resolve(text)
    if not isinstance(found, divisions.Found):
        return UNKNOWN
    return found.division.province + found.division.city


def _organisation(_work: Work, row: AnalysedRow) -> str:
    return row.organisation


def _sitting(_work: Work, row: AnalysedRow) -> str:
    return row.sitting.code


_NAMES: Final[Mapping[Grouping, Callable[[Work, AnalysedRow], str]]] = {
    Grouping.REGION: _region,
    Grouping.ORGANISATION: _organisation,
    Grouping.SITTING: _sitting,
}
