"""What the appointment services return: frozen, without logins in the clear."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from storage.appointment_states import AccountOrigin, AppointmentState, Decision, LoginRight


@dataclass(frozen=True, kw_only=True)
class AppointmentLine:
    """One line of a list."""

    id: UUID
    #: 聘用号.
    number: str
    #: How the scheme calls the number.
    number_label: str
    title: str
    scheme_id: str
    name: str
    laboratory_id: UUID
    laboratory: str
    #: As people read them.
    fields: tuple[str, ...]
    state: AppointmentState
    state_reason: str
    appointed_on: date
    ended_on: date | None
    #: `none` also when there is no account.
    right: LoginRight
    #: The business system does not yet say what `right` says.
    right_to_apply: bool
    #: A login was requested and not granted.
    login_requested: bool


@dataclass(frozen=True, kw_only=True)
class AppointmentPage:
    """One page of appointments; pages count from 1."""

    items: tuple[AppointmentLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class AccountView:
    """A business account; the login is masked when it is an identity number."""

    login_masked: str
    origin: AccountOrigin
    created_by: str
    created_at: datetime
    password_mailed_on: date | None
    right: LoginRight
    right_changed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EvaluationView:
    """What one organisation said of a person for one period (E7)."""

    period: str
    organisation: str
    mark: str
    remark: str
    evaluated_by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """What was decided after the evaluations of a period (E7)."""

    period: str
    decision: Decision
    reason: str
    decided_by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """One thing that happened to an appointment."""

    at: datetime
    actor: str
    action: str
    reason: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class May:
    """What the asking officer may do with an appointment."""

    decide: bool
    evaluate: bool
    request_login: bool
    grant_login: bool
    #: May say that the business system was set.
    confirm_right: bool


@dataclass(frozen=True, kw_only=True)
class AppointmentView:
    """One appointment before its staff."""

    line: AppointmentLine
    enrolment_id: UUID
    account: AccountView | None
    #: Fields of the laboratory's business that nobody covers once this person is suspended or gone (E4).
    would_uncover: tuple[str, ...]
    marks: tuple[str, ...]
    evaluations: tuple[EvaluationView, ...]
    decisions: tuple[DecisionView, ...]
    history: tuple[HistoryLine, ...]
    may: May


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """One laboratory's business and what of it is covered (E4)."""

    laboratory_id: UUID
    laboratory: str
    scheme_id: str
    title: str
    #: (value, label) of every field there is.
    options: tuple[tuple[str, str], ...]
    business: tuple[str, ...]
    gaps: tuple[str, ...]
    people: tuple[AppointmentLine, ...]
    may_edit: bool


@dataclass(frozen=True, kw_only=True)
class LaboratoryLine:
    """One laboratory in a list; `business` is empty when it never said what it does."""

    id: UUID
    name: str
    scheme_id: str
    people: int
    business: tuple[str, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """What a laboratory sees before it recommends somebody (E4)."""

    laboratory_id: UUID
    laboratory: str
    business: tuple[str, ...]
    #: What this applicant applies for.
    own: tuple[str, ...]
    #: What neither the active people nor those who are applying cover.
    gaps: tuple[str, ...]
