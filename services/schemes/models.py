"""What a scheme file (认定方案) may say. One file describes one version of one scheme; nothing here is Python for a scheme.

Its parts are in `forms` (what is asked) and `terms` (how it runs), and may be imported from here. Everything a source
document does not say is listed in `proposed` by its dotted path, and shown to staff as such.
"""

from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from services.rules.organisation_kinds import OrganisationKind
from services.schemes import eligibility, printing
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
from services.schemes.parts import LATER, Key, Part, Text
from services.schemes.printing import Printable, PrintedCell, PrintedRow
from services.schemes.rosters import ListColumn, Roster
from services.schemes.standing import BarReason, Blacklist, Changes, ChangeStage
from services.schemes.terms import (
    Appointment,
    AuthorisedFor,
    Band,
    Card,
    CertificateKind,
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
    "Appointment",
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

#: What stages carry out, in the order in which they can follow each other.
_ACTS = ("recommend", "create_account", "appoint", "grant_login")


class NoExamError(Exception):
    """The scheme of this id holds no exam."""


class Scheme(Part):
    """One version of one scheme."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")]
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.\-]{1,20}$")]
    title: Text
    short_title: Text
    summary: str = ""
    entry_words: tuple[str, ...] = ()
    #: Where it stands in lists; lower first.
    position: int = 100
    accounts: tuple[str, ...] = Field(min_length=1)
    source: Text
    rule_document: RuleDocument
    roles: Roles
    contacts: tuple[Contact, ...]
    notices: tuple[Notice, ...]
    consents: tuple[Consent, ...]
    fields: tuple[FormField, ...] = Field(min_length=1)
    materials: tuple[Material, ...] = ()
    fees: tuple[Fee, ...] = ()
    hours: Hours | None = None
    #: Both, or neither: where nothing is examined here (E2).
    exam: Exam | None = None
    grading: Grading | None = None
    certificates: tuple[CertificateKind, ...]
    review: tuple[ReviewStage, ...] = Field(min_length=1)
    #: Sets of materials of which one suffices (C6).
    alternatives: Annotated[tuple[Alternatives, ...], LATER] = ()
    #: Ordered lists that conditions compare by, lowest first.
    scales: Annotated[dict[Key, tuple[Text, ...]], LATER] = Field(default_factory=dict)
    #: What everybody must meet, and the routes of which one must be met besides (D3, D4, E2).
    requirements: Annotated[tuple[Requirement, ...], LATER] = ()
    routes: Annotated[tuple[Route, ...], LATER] = ()
    class_plan: Annotated[ClassPlan | None, LATER] = None
    card: Annotated[Card | None, LATER] = None
    appointment: Annotated[Appointment | None, LATER] = None
    #: Lists of people that are handed on as tables (D7, D8).
    lists: Annotated[tuple[Roster, ...], LATER] = ()
    #: Only authorised organisations hold it (C2, C3).
    authorised_for: Annotated[AuthorisedFor | None, LATER] = None
    #: The list of those who may not apply, shared with every scheme that names it (C7).
    blacklist: Annotated[Blacklist | None, LATER] = None
    #: Who decides changes of personal data; None: the organiser (E8).
    changes: Annotated[Changes | None, LATER] = None
    #: Forms that are printed, filled with the answers; `Material.printable` says what each is handed in as.
    printables: Annotated[tuple[Printable, ...], LATER] = ()
    #: For how long review material and exam files are kept from the end of an enrolment, in years (C11).
    retention_years: Annotated[int, LATER, Field(ge=10, le=100)] = 10
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
        for name in (
            "fields", "materials", "fees", "consents", "notices", "certificates", "review", "alternatives", "routes",
            "lists", "printables",
        ):  # fmt: skip
            keys = [item.key for item in getattr(self, name)]
            if len(set(keys)) != len(keys):
                raise ValueError(
                    f"{name} 里有重复的 key：{', '.join(sorted({k for k in keys if keys.count(k) > 1}))}"
                )
        seen: dict[str, FormField] = {}
        for item in self.fields:
            self._check_condition(item.key, item.when, seen)
            self._check_condition(item.key, item.required_when, seen, name="required_when")
            self._check_rows(item, seen)
            seen[item.key] = item
        conditional: list[Material | Fee | ReviewStage] = [*self.materials, *self.fees, *self.review]
        for other in conditional:
            self._check_condition(other.key, other.when, seen)
        for material in self.materials:
            self._check_condition(material.key, material.required_when, seen, name="required_when")
        for kind in (FieldKind.NAME, FieldKind.IDENTITY_NUMBER, FieldKind.MOBILE):
            if self.field_of_kind(kind) is None:
                raise ValueError(f'fields 里必须有一个 kind = "{kind}" 的字段')
        if (self.exam is None) != (self.grading is None):
            raise ValueError("exam 和 grading 要么都写，要么都不写")
        self._check_appointment(seen)
        self._check_card(seen)
        for roster in self.lists:
            for fault in roster.faults(seen):
                raise ValueError(f'lists "{roster.key}"：{fault}')
        if self.roles.through and self.authorised_for is not None:
            raise ValueError("有 authorised_for 时按培训通知报名，roles 里不能再写 through")
        self._check_issuers()
        self._check_standing()
        self._check_chain(seen)
        self._check_alternatives()
        for fault in printing.faults(
            self.printables, fields=seen, materials=self.materials, consents=self.consents
        ):
            raise ValueError(fault)
        self._check_eligibility()
        document = self.model_dump()
        for path in self.proposed:
            _resolve(document, path)
        return self

    def _check_issuers(self) -> None:
        """Who issues in another's stead is known from the authorisation (C10)."""
        for kind in self.certificates:
            if kind.issued_by and (self.authorised_for is None or kind.issued_by != self.authorised_for.by):
                raise ValueError(
                    f'certificates "{kind.key}" 的 issued_by = "{kind.issued_by}" 应与 authorised_for 的 by 相同'
                )
            if kind.issued_by and kind.trigger != "result_passed":
                raise ValueError(
                    f'certificates "{kind.key}" 的 issued_by 只用于 trigger = "result_passed" 的证书'
                )

    def _check_card(self, fields: dict[str, FormField]) -> None:
        """It names fields that there are, and whoever decides last is one of those that make it."""
        card = self.card
        if card is None:
            return
        if self.exam is None:
            raise ValueError("card 发给考核合格的人，要写 exam 和 grading")
        if card.employer not in fields:
            raise ValueError(f'card 的 employer = "{card.employer}" 不是本方案的字段')
        if card.occupations and (
            (named := fields.get(card.occupations)) is None or named.kind is not FieldKind.CHOICES
        ):
            raise ValueError(f'card 的 occupations = "{card.occupations}" 应是 kind = "choices" 的字段')
        if not any(stage.organisation_kind in card.made_by for stage in self.review):
            raise ValueError(f"card 的 made_by = {list(card.made_by)} 里没有一种机构参与 review")

    def _check_chain(self, fields: dict[str, FormField]) -> None:
        """Whatever is answered, some stage decides."""
        conditions = [stage.when for stage in self.review if stage.when is not None]
        if len(conditions) < len(self.review):
            return
        options = {option.value for option in fields[conditions[0].field].options}
        covered = {value for condition in conditions for value in condition.is_in}
        if len({condition.field for condition in conditions}) > 1 or not options or options - covered:
            raise ValueError(
                "review 的每个环节都有 when 时，须用同一个字段，并包含它的全部选项，否则有人无人审核"
            )

    def _check_appointment(self, fields: dict[str, FormField]) -> None:
        acts = [stage.does for stage in self.review if stage.does]
        if self.appointment is None:
            if acts:
                raise ValueError(f'review 里写了 does = "{acts[0]}"，却没有 appointment')
            return
        for name, key, kind in (
            ("covers", self.appointment.covers, FieldKind.CHOICES),
            ("laboratory", self.appointment.laboratory, FieldKind.TEXT),
        ):
            if (field := fields.get(key)) is None or field.kind is not kind:
                raise ValueError(f'appointment 的 {name} = "{key}" 应是 kind = "{kind}" 的字段')
        if acts != sorted(set(acts), key=_ACTS.index):
            raise ValueError(f"review 的 does 每种只能写一次，并按这个顺序：{'、'.join(_ACTS)}")
        if "appoint" not in acts:
            raise ValueError('有 appointment 时，review 里要有一个环节写 does = "appoint"')

    def _check_standing(self) -> None:
        for place, items in (
            ("blacklist.reasons", self.blacklist.reasons if self.blacklist else ()),
            ("changes.review", self.changes.review if self.changes else ()),
        ):
            keys = [item.key for item in items]
            if twice := sorted({key for key in keys if keys.count(key) > 1}):
                raise ValueError(f"{place} 里有重复的 key：{', '.join(twice)}")

    def _check_alternatives(self) -> None:
        materials = {item.key: item for item in self.materials}
        named: set[str] = set()
        for group in self.alternatives:
            for key in (key for keys in group.sets for key in keys):
                if key not in materials:
                    raise ValueError(f'alternatives "{group.key}" 的 sets 里的 "{key}" 不是本方案的材料')
                if key in named:
                    raise ValueError(f'alternatives "{group.key}" 的 sets 里的 "{key}" 出现了两次')
                if not materials[key].required or materials[key].when is not None:
                    raise ValueError(
                        f'alternatives "{group.key}" 的材料 "{key}" 不能写 required = false 或 when'
                    )
                named.add(key)

    def _check_eligibility(self) -> None:
        places = [(f"requirements[{index}]", item) for index, item in enumerate(self.requirements, start=1)]
        places += [
            (f'routes "{route.key}".conditions[{index}]', item)
            for route in self.routes
            for index, item in enumerate(route.conditions, start=1)
        ]
        for place, requirement in places:
            for fault in eligibility.faults(
                requirement,
                fields={item.key: item for item in self.fields},
                materials=frozenset(item.key for item in self.materials),
                scales=self.scales,
            ):
                raise ValueError(f"{place}：{fault}")

    @staticmethod
    def _check_rows(item: FormField, earlier: dict[str, FormField]) -> None:
        if item.rows_of is None:
            return
        if item.rows_of not in earlier:
            raise ValueError(f'{item.key} 的 rows_of = "{item.rows_of}" 不是排在它前面的字段')
        if earlier[item.rows_of].kind is not FieldKind.CHOICES:
            raise ValueError(f'{item.key} 的 rows_of = "{item.rows_of}" 应是 kind = "choices" 的字段')

    @staticmethod
    def _check_condition(
        key: str, condition: Condition | None, earlier: dict[str, FormField], name: str = "when"
    ) -> None:
        if condition is None:
            return
        field = earlier.get(condition.field)
        if field is None:
            raise ValueError(f'{key} 的 {name}.field = "{condition.field}" 不是排在它前面的字段')
        unknown = set(condition.is_in) - {option.value for option in field.options}
        if field.options and unknown:
            raise ValueError(
                f"{key} 的 {name}.is_in 含有 {field.key} 没有的选项：{', '.join(sorted(unknown))}"
            )


def _resolve(document: Any, path: str) -> None:
    """Raises ValueError when `path` (dotted; list items by their key) leads nowhere."""
    here = document
    for step in path.split("."):
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, tuple | list) and any(
            isinstance(i, dict) and i.get("key") == step for i in here
        ):
            here = next(i for i in here if i.get("key") == step)
        else:
            raise ValueError(f'proposed 里的 "{path}" 在本文件中找不到（停在 "{step}"）')
