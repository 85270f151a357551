"""What a scheme file (认定方案) may say. One file describes one version of one scheme; nothing here is Python for a scheme.

Everything a source document does not say is listed in `proposed` by its dotted path, and shown to staff as such.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Part(BaseModel):
    """A part of a scheme file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldKind(StrEnum):
    """How an answer is read, checked and kept."""

    NAME = "name"
    IDENTITY_NUMBER = "identity_number"
    MOBILE = "mobile"
    CHOICE = "choice"
    REGION = "region"
    DATE = "date"
    TEXT = "text"
    DERIVED = "derived"


#: Kinds whose values are encrypted at rest and masked outward.
SENSITIVE_KINDS = frozenset({FieldKind.IDENTITY_NUMBER, FieldKind.MOBILE})


class Condition(Part):
    """Holds when the field's answer is one of the values."""

    field: Key
    is_in: tuple[str, ...] = Field(min_length=1)

    def holds(self, answers: dict[str, str]) -> bool:
        """Whether it holds for these answers (field key → stored value)."""
        return answers.get(self.field) in self.is_in


class Option(Part):
    """One item of a numbered list."""

    value: Text
    label: Text
    aliases: tuple[str, ...] = ()


class FormField(Part):
    """One question (A10)."""

    key: Key
    label: Text
    kind: FieldKind
    help: str = ""
    example: str = ""
    required: bool = True
    #: Other words for the label, as people type them after 修改.
    aliases: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    #: No abbreviations: only the exact item answers (D8).
    exact: bool = False
    min_length: int = 0
    max_length: int = 200
    #: For `derived`: where the value comes from.
    source: Literal["identity.sex", "identity.birth_on", "submitted_on", "scheme.short_title"] | None = None
    when: Condition | None = None

    @property
    def sensitive(self) -> bool:
        """Encrypted at rest and masked outward."""
        return self.kind in SENSITIVE_KINDS

    @property
    def asked(self) -> bool:
        """Whether the person is asked, or the value follows from others."""
        return self.kind is not FieldKind.DERIVED

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind is FieldKind.CHOICE) != bool(self.options):
            raise ValueError(f'字段 {self.key}：kind = "choice" 才能有 options，且必须有')
        if (self.kind is FieldKind.DERIVED) != (self.source is not None):
            raise ValueError(f'字段 {self.key}：kind = "derived" 才能有 source，且必须有')
        values = [option.value for option in self.options]
        if len(set(values)) != len(values):
            raise ValueError(f"字段 {self.key}：options 的 value 不能重复")
        return self


class PortraitRule(Part):
    """What a portrait must be, in pixels; the source names the print size (A11)."""

    width_px: int
    height_px: int
    ratio_tolerance: Decimal = Decimal("0.02")
    background: Literal["blue", "white", "red"] | None = None


class MaterialKind(StrEnum):
    """What a picture is of, which decides how it is checked."""

    PORTRAIT = "portrait"
    DOCUMENT = "document"


class Material(Part):
    """One file that the applicant hands in (A11)."""

    key: Key
    label: Text
    kind: MaterialKind
    help: str = ""
    required: bool = True
    aliases: tuple[str, ...] = ()
    portrait: PortraitRule | None = None
    when: Condition | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind is MaterialKind.PORTRAIT) != (self.portrait is not None):
            raise ValueError(f'材料 {self.key}：kind = "portrait" 必须写 [portrait] 规格，其他种类不能写')
        return self


class Notice(Part):
    """Shown before anything is asked (A8)."""

    key: Key
    title: Text
    text: Text


class Consent(Part):
    """Agreed to with 同意, and kept with the hash of exactly this text (A12)."""

    key: Key
    title: Text
    text: Text


class Payee(Part):
    """Where money goes (A7)."""

    name: Text
    bank: Text
    account_number: Text


class Fee(Part):
    """What is charged, to whom, with which transfer remark (A2, A7, B10)."""

    key: Key
    label: Text
    amount_fen: int = Field(ge=0)
    unit: str = "次"
    #: The remark a transfer must carry, word for word.
    remark: Text
    #: None: the class notice names the account.
    payee: Payee | None = None
    collected_for: str = ""
    #: What must be paid before which step: `class` (training) or `sitting` (exam).
    due_before: Literal["class", "sitting"]
    when: Condition | None = None
    note: str = ""


class Contact(Part):
    """Whom to ask or complain to (A9)."""

    purpose: Literal["help", "supervision"]
    name: Text
    phones: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    address: str = ""
    web: str = ""


class RuleDocument(Part):
    """The rule that applies: cited, never paraphrased (A3)."""

    code: Text
    title: Text


class Roles(Part):
    """Who hosts, organises, issues (A8)."""

    project: Text
    host: Text
    organiser: Text
    issuer: Text


class Platform(Part):
    """Where people learn and are verified."""

    name: Text
    web: str = ""
    account: str = ""


class Hours(Part):
    """Study hours (学时) and what proves them (A2, A4, B1)."""

    required: Decimal = Field(gt=0)
    accepted_proofs: tuple[str, ...] = ()
    class_rhythm: str = ""
    platform: Platform | None = None


class Exam(Part):
    """How the verification is held (A5, B3)."""

    form: Literal["online", "on_site"]
    calendar_rule: Literal["last_weekend_of_quarter"] | None = None
    full_score: Decimal = Field(gt=0)
    duration_minutes: int = Field(gt=0)
    bring: tuple[str, ...] = ()


class Band(Part):
    """One grade: reached at `minimum_percent` of the full score (B6)."""

    grade: Text
    minimum_percent: Decimal = Field(ge=0, le=100)
    passed: bool


class Grading(Part):
    """How a score becomes a grade; bands from best to worst."""

    method: Literal["bands"]
    bands: tuple[Band, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _best_to_worst(self) -> Self:
        limits = [band.minimum_percent for band in self.bands]
        if limits != sorted(limits, reverse=True) or len(set(limits)) != len(limits):
            raise ValueError("bands 必须从好到差，minimum_percent 逐档降低")
        if limits[-1] != 0:
            raise ValueError("bands 的最后一档 minimum_percent 必须是 0，这样每个分数都有等级")
        return self


class CertificateKind(Part):
    """A paper that is issued: its title, its number's prefix, how long it is in force (A6)."""

    key: Key
    title: Text
    trigger: Literal["hours_met", "result_passed"]
    number_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,12}$")]
    valid_months: int | None = None
    statement: str = ""


class ReviewStage(Part):
    """One stage of the review chain; which kind of organisation decides it."""

    key: Key
    label: Text
    organisation_kind: Text


class Question(Part):
    """A frequent question and its answer."""

    question: Text
    answer: Text
    words: tuple[str, ...] = ()


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
    exam: Exam
    grading: Grading
    certificates: tuple[CertificateKind, ...]
    review: tuple[ReviewStage, ...] = Field(min_length=1)
    faq: tuple[Question, ...] = ()
    #: Dotted paths of what the source does not say and this file proposes.
    proposed: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        """`id@version`, as enrolments keep it."""
        return f"{self.id}@{self.version}"

    def field(self, key: str) -> FormField:
        """The field of this key. Raises KeyError."""
        return {item.key: item for item in self.fields}[key]

    def has_field(self, key: str) -> bool:
        """Whether there is such a field."""
        return any(item.key == key for item in self.fields)

    def material(self, key: str) -> Material:
        """The material of this key. Raises KeyError."""
        return {item.key: item for item in self.materials}[key]

    def fee(self, key: str) -> Fee:
        """The fee of this key. Raises KeyError."""
        return {item.key: item for item in self.fees}[key]

    def certificate(self, trigger: str) -> CertificateKind | None:
        """The paper that `trigger` leads to, if the scheme has one."""
        return next((kind for kind in self.certificates if kind.trigger == trigger), None)

    def field_of_kind(self, kind: FieldKind) -> FormField | None:
        """The first field of this kind."""
        return next((item for item in self.fields if item.kind is kind), None)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for name in ("fields", "materials", "fees", "consents", "notices", "certificates", "review"):
            keys = [item.key for item in getattr(self, name)]
            if len(set(keys)) != len(keys):
                raise ValueError(
                    f"{name} 里有重复的 key：{', '.join(sorted({k for k in keys if keys.count(k) > 1}))}"
                )
        seen: dict[str, FormField] = {}
        for item in self.fields:
            self._check_condition(item.key, item.when, seen)
            seen[item.key] = item
        conditional: list[Material | Fee] = [*self.materials, *self.fees]
        for other in conditional:
            self._check_condition(other.key, other.when, seen)
        for kind in (FieldKind.NAME, FieldKind.IDENTITY_NUMBER, FieldKind.MOBILE):
            if self.field_of_kind(kind) is None:
                raise ValueError(f'fields 里必须有一个 kind = "{kind}" 的字段')
        document = self.model_dump()
        for path in self.proposed:
            _resolve(document, path)
        return self

    @staticmethod
    def _check_condition(key: str, condition: Condition | None, earlier: dict[str, FormField]) -> None:
        if condition is None:
            return
        field = earlier.get(condition.field)
        if field is None:
            raise ValueError(f'{key} 的 when.field = "{condition.field}" 不是排在它前面的字段')
        unknown = set(condition.is_in) - {option.value for option in field.options}
        if field.options and unknown:
            raise ValueError(f"{key} 的 when.is_in 含有 {field.key} 没有的选项：{', '.join(sorted(unknown))}")


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
