"""One person's diagnosis: areas, everybody's means, what to take, and classes that are open (B11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.diagnosis.terms import diagnosis_of
from services.rules.diagnosis import AreaProfile, Strength, means_of, profile
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.repositories.diagnosis import DiagnosisRepository
from storage.tables import Enrolment, Result

_MOST_CLASSES = 3


@dataclass(frozen=True, kw_only=True)
class OpenClass:
    """A class that one may still join."""

    title: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class PersonalDiagnosis:
    """What a person's newest diagnosed result says."""

    scheme: str
    grade: str
    areas: tuple[AreaProfile, ...]
    #: How many papers of the sitting the means are made of; 0 where they are too few to be told.
    people: int
    classes: tuple[OpenClass, ...]

    @property
    def weak(self) -> tuple[AreaProfile, ...]:
        """The areas to work on, the weakest first."""
        found = [area for area in self.areas if area.strength is Strength.WEAK]
        return tuple(sorted(found, key=lambda area: area.percent))


class DiagnosisService:
    """Diagnoses of single people."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.rows = DiagnosisRepository(work.session)

    async def of_follower(self, follower_id: UUID) -> PersonalDiagnosis | None:
        """Of the newest published result of this follower that has areas; three statements."""
        found = await self.rows.newest_of(follower_id)
        if found is None:
            return None
        result, enrolment = found
        areas, people = await self.areas_of(result, enrolment)
        open_ = await self.rows.open_classes(
            enrolment.scheme_id, local_day(self.work.now), limit=_MOST_CLASSES
        )
        return PersonalDiagnosis(
            scheme=self.work.scheme(enrolment.scheme_ref).short_title,
            grade=result.grade,
            areas=areas,
            people=people,
            classes=tuple(
                OpenClass(title=row.title, starts_on=row.starts_on, ends_on=row.ends_on) for row in open_
            ),
        )

    async def areas_of(self, result: Result, enrolment: Enrolment) -> tuple[tuple[AreaProfile, ...], int]:
        """The areas of one result with the means of its sitting, and of how many papers those are."""
        diagnosis = diagnosis_of(self.work, enrolment)
        if diagnosis is None or not result.areas:
            return (), 0
        sums = await self.rows.sums_of_sitting(result.sitting_id)
        means = means_of(diagnosis, sums)
        people = min((count for _, count in sums.values()), default=0) if means is not None else 0
        return profile(diagnosis, scores_of(result), means), people


def scores_of(result: Result) -> Mapping[str, Decimal]:
    """Scores by area key."""
    return {key: Decimal(str(score)) for key, score in (result.areas or {}).items()}
