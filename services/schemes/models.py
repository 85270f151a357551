"""What a scheme file (认定方案) may say. One file describes one version of one scheme; nothing here is Python for a scheme.

Its parts are in `forms` (what is asked), `terms` (how it runs) and `awards` (what it ends in), and may be imported from
here. Everything a source document does not say is listed in `proposed` by its dotted path, and shown to staff as such.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from services.rules.organisation_kinds import OrganisationKind
from services.schemes import cross_checks, printing
from services.schemes.appeals import AppealTerms
from services.schemes.awards import Appointment, Card, CertificateKind
from services.schemes.diagnosis import Area, Diagnosis
from services.schemes.eligibility import Requirement, Route
from services.schemes.forms import (
    SENSITIVE_KINDS,
    Alternatives,
    Column,
    Condition,
    Consent,
    FieldKind,
    FormField,
    Material,
    MaterialKind,
    Notice,
    Option,
    PortraitRule,
)
from services.schemes.parts import LATER, Key, MisplacedError, Part, Text
from services.schemes.printing import Printable, PrintedCell, PrintedRow
from services.schemes.rosters import ListColumn, Roster
from services.schemes.standing import BarReason, Blacklist, Changes, ChangeStage
from services.schemes.terms import (
    AuthorisedFor,
    Band,
    ClassPlan,
    Contact,
    Exam,
    Fee,
    Grading,
    Hours,
    Payee,
    Platform,
    Question,
    ReviewStage,
    Robust,
    Roles,
    RuleDocument,
)

__all__ = [
    "SENSITIVE_KINDS",
    "Alternatives",
    "AppealTerms",
    "Appointment",
    "Area",
    "AuthorisedFor",
    "Band",
    "BarReason",
    "Blacklist",
    "Card",
    "CertificateKind",
    "ChangeStage",
    "Changes",
    "ClassPlan",
    "Column",
    "Condition",
    "Consent",
    "Contact",
    "Diagnosis",
    "Exam",
    "Fee",
    "FieldKind",
    "FormField",
    "Grading",
    "Hours",
    "ListColumn",
    "Material",
    "MaterialKind",
    "NoExamError",
    "Notice",
    "Option",
    "Payee",
    "Platform",
    "PortraitRule",
    "Printable",
    "PrintedCell",
    "PrintedRow",
    "Question",
    "Requirement",
    "ReviewStage",
    "Robust",
    "Roles",
    "Roster",
    "Route",
    "RuleDocument",
    "Scheme",
]


class NoExamError(Exception):
    """The scheme of this id holds no exam."""


class Scheme(Part):
    """One version of one scheme."""

    #: Never changes: enrolments, certificates and addresses carry it.
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")]
    #: A new one with every change after the first start with it; an enrolment stays with its version (B12).
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.\-]{1,20}$")]
    #: The whole name.
    title: Text
    #: What lists and messages call it; answers 报名 as well.
    short_title: Text
    #: One line behind the short title in the list of schemes.
    summary: str = ""
    #: Other words that choose it after 报名; none of the chat's own words, and none of another scheme's.
    entry_words: tuple[str, ...] = ()
    #: Where it stands in lists; lower first.
    position: int = 100
    #: Names of the official accounts that offer it, as in `ZHENGTU_WECHAT__<NAME>__…`, in small letters.
    accounts: tuple[str, ...] = Field(min_length=1)
    #: The document that this follows, with its number and date.
    source: Text
    #: The rule that people are told applies.
    rule_document: RuleDocument
    #: Who hosts, organises, issues; where one enrols.
    roles: Roles
    #: Whom people may ask or complain to; may be empty.
    contacts: tuple[Contact, ...]
    #: Shown before anything is asked; may be empty.
    notices: tuple[Notice, ...]
    #: Texts that have to be agreed to before the first question; may be empty.
    consents: tuple[Consent, ...]
    #: The questions, in the order in which they are asked: at least a name, an identity number and a mobile number.
    fields: tuple[FormField, ...] = Field(min_length=1)
    #: The pictures that are handed in, after the questions.
    materials: tuple[Material, ...] = ()
    #: What is to be paid; none: the notices of classes say it.
    fees: tuple[Fee, ...] = ()
    #: Study hours before the exam; without it none are asked for.
    hours: Hours | None = None
    #: Both, or neither: where nothing is examined here (E2).
    exam: Exam | None = None
    #: How a score becomes a grade; goes with `exam`.
    grading: Grading | None = None
    #: Papers that are issued with a number; may be empty.
    certificates: tuple[CertificateKind, ...]
    #: Who decides an enrolment, stage by stage.
    review: tuple[ReviewStage, ...] = Field(min_length=1)
    #: Sets of materials of which one suffices (C6).
    alternatives: Annotated[tuple[Alternatives, ...], LATER] = ()
    #: Ordered lists that conditions compare by, lowest first.
    scales: Annotated[dict[Key, tuple[Text, ...]], LATER] = Field(default_factory=dict)
    #: What everybody must meet, and the routes of which one must be met besides (D3, D4, E2).
    requirements: Annotated[tuple[Requirement, ...], LATER] = ()
    #: Of these one has to be met besides the requirements.
    routes: Annotated[tuple[Route, ...], LATER] = ()
    #: In which months classes are held.
    class_plan: Annotated[ClassPlan | None, LATER] = None
    #: A card instead of a certificate.
    card: Annotated[Card | None, LATER] = None
    #: An appointment under a number instead of an exam.
    appointment: Annotated[Appointment | None, LATER] = None
    #: Lists of people that are handed on as tables (D7, D8).
    lists: Annotated[tuple[Roster, ...], LATER] = ()
    #: Only authorised organisations hold it (C2, C3).
    authorised_for: Annotated[AuthorisedFor | None, LATER] = None
    #: The list of those who may not apply, shared with every scheme that names it (C7).
    blacklist: Annotated[Blacklist | None, LATER] = None
    #: Who decides changes of personal data; None: the organiser (E8).
    changes: Annotated[Changes | None, LATER] = None
    #: On which terms a published result may be objected to (B7).
    appeal: Annotated[AppealTerms, LATER] = AppealTerms()
    #: Knowledge areas of the paper, and the training for weak ones; none: results are not diagnosed (B11).
    diagnosis: Annotated[Diagnosis | None, LATER] = None
    #: Forms that are printed, filled with the answers; `Material.printable` says what each is handed in as.
    printables: Annotated[tuple[Printable, ...], LATER] = ()
    #: For how long review material and exam files are kept from the end of an enrolment, in years (C11).
    retention_years: Annotated[int, LATER, Field(ge=10, le=100)] = 10
    #: Where that is written, as people are told it; empty where the source names no time and it is the organiser's.
    retention_basis: Annotated[str, LATER, Field(max_length=60)] = ""
    #: Questions that the chat answers by itself.
    faq: tuple[Question, ...] = ()
    #: Dotted paths of what the source does not say and this file proposes.
    proposed: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        """`id@version`, as enrolments keep it."""
        return f"{self.id}@{self.version}"

    @cached_property
    def fields_by_key(self) -> dict[str, FormField]:
        """The fields by their keys: a list of thousands of people asks for them a hundred thousand times."""
        return {item.key: item for item in self.fields}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other fields has its own look-up."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("fields_by_key", None)
        return copied

    def field(self, key: str) -> FormField:
        """The field of this key. Raises KeyError."""
        return self.fields_by_key[key]

    def has_field(self, key: str) -> bool:
        """Whether there is such a field."""
        return key in self.fields_by_key

    def material(self, key: str) -> Material:
        """The material of this key. Raises KeyError."""
        return {item.key: item for item in self.materials}[key]

    def printable(self, key: str) -> Printable:
        """The printed form of this key. Raises KeyError."""
        return {item.key: item for item in self.printables}[key]

    def fee(self, key: str) -> Fee:
        """The fee of this key. Raises KeyError."""
        return {item.key: item for item in self.fees}[key]

    @property
    def through_kinds(self) -> tuple[OrganisationKind, ...]:
        """Of which kinds the organisation is that one picks to enrol through; none where nothing is picked."""
        return self.roles.through

    @property
    def exam_terms(self) -> Exam:
        """How the exam is held. Raises NoExamError."""
        if self.exam is None:
            raise NoExamError(self.id)
        return self.exam

    @property
    def grading_terms(self) -> Grading:
        """How it is graded. Raises NoExamError."""
        if self.grading is None:
            raise NoExamError(self.id)
        return self.grading

    def certificate(self, trigger: str) -> CertificateKind | None:
        """The paper that `trigger` leads to, if the scheme has one."""
        return next((kind for kind in self.certificates if kind.trigger == trigger), None)

    def roster(self, key: str) -> Roster:
        """The list of this key. Raises KeyError."""
        return {item.key: item for item in self.lists}[key]

    def field_of_kind(self, kind: FieldKind) -> FormField | None:
        """The first field of this kind."""
        return next((item for item in self.fields if item.kind is kind), None)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        named = (
            "fields", "materials", "fees", "consents", "notices", "certificates", "review", "alternatives", "routes",
            "lists", "printables",
        )  # fmt: skip
        cross_checks.check_keys({name: getattr(self, name) for name in named})
        fields = cross_checks.check_fields(self.fields)
        conditional: list[tuple[str, Material | Fee | ReviewStage]] = [
            *(("materials", item) for item in self.materials),
            *(("fees", item) for item in self.fees),
            *(("review", item) for item in self.review),
        ]
        for part, other in conditional:
            cross_checks.check_condition(part, other.key, other.when, fields)
        for material in self.materials:
            cross_checks.check_condition(
                "materials", material.key, material.required_when, fields, name="required_when"
            )
        for kind in (FieldKind.NAME, FieldKind.IDENTITY_NUMBER, FieldKind.MOBILE):
            if self.field_of_kind(kind) is None:
                raise MisplacedError("fields", f'fields 里必须有一个 kind = "{kind}" 的字段')
        if (self.exam is None) != (self.grading is None):
            raise MisplacedError("exam, grading", "exam 和 grading 要么都写，要么都不写")
        cross_checks.check_diagnosis(self.diagnosis, self.exam)
        cross_checks.check_appointment(self.appointment, self.review, fields)
        cross_checks.check_card(self.card, self.exam, self.review, fields)
        for roster in self.lists:
            for fault in roster.faults(fields):
                raise MisplacedError(f'lists "{roster.key}"', f'lists "{roster.key}"：{fault}')
        if self.roles.through and self.authorised_for is not None:
            raise MisplacedError(
                "roles.through", "有 authorised_for 时按培训通知报名，roles 里不能再写 through"
            )
        cross_checks.check_issuers(self.certificates, self.authorised_for)
        cross_checks.check_standing(self.blacklist, self.changes)
        cross_checks.check_chain(self.review, fields)
        cross_checks.check_alternatives(self.alternatives, self.materials)
        for fault in printing.faults(
            self.printables, fields=fields, materials=self.materials, consents=self.consents
        ):
            raise MisplacedError("printables", fault)
        cross_checks.check_eligibility(self.requirements, self.routes, self.materials, self.scales, fields)
        document = self.model_dump()
        for path in self.proposed:
            cross_checks.resolve(document, path)
        return self
