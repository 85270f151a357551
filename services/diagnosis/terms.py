"""By which areas an enrolment's paper is looked at."""

from services.schemes.diagnosis import Diagnosis
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.tables import Enrolment


def diagnosis_of(work: Work, enrolment: Enrolment) -> Diagnosis | None:
    """Of the enrolment's own version; of one that names no areas yet, the newest version's, for the same full score.

    Nothing is decided by it, so an older version loses nothing (B12).
    """
    return of_scheme(work, work.scheme(enrolment.scheme_ref))


def of_scheme(work: Work, scheme: Scheme) -> Diagnosis | None:
    """As `diagnosis_of`."""
    if scheme.diagnosis is not None or scheme.exam is None:
        return scheme.diagnosis
    current = work.tools.schemes.current(scheme.id)
    if current.exam is None or current.exam.full_score != scheme.exam.full_score:
        return None
    return current.diagnosis
