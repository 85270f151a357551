"""What a scheme file (认定方案) may say. One file describes one version of one scheme; nothing here is Python for a scheme.

Its parts are in `forms` (what is asked) and `terms` (how it runs), and may be imported from here. Everything a source
document does not say is listed in `proposed` by its dotted path, and shown to staff as such.
"""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from services.schemes.forms import (
    SENSITIVE_KINDS,
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
from services.schemes.parts import Part, Text
from services.schemes.terms import (
    Band,
    CertificateKind,
    Contact,
    Exam,
    Fee,
    Grading,
    Hours,
    Payee,
    Platform,
    Question,
    ReviewStage,
    Roles,
    RuleDocument,
)

__all__ = [
    "SENSITIVE_KINDS",
    "Band",
    "CertificateKind",
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
    "Material",
    "MaterialKind",
    "Notice",
    "Option",
    "Payee",
    "Platform",
    "PortraitRule",
    "Question",
    "ReviewStage",
    "Roles",
    "RuleDocument",
    "Scheme",
]


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
            self._check_rows(item, seen)
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
    def _check_rows(item: FormField, earlier: dict[str, FormField]) -> None:
        if item.rows_of is None:
            return
        if item.rows_of not in earlier:
            raise ValueError(f'{item.key} 的 rows_of = "{item.rows_of}" 不是排在它前面的字段')
        if earlier[item.rows_of].kind is not FieldKind.CHOICES:
            raise ValueError(f'{item.key} 的 rows_of = "{item.rows_of}" 应是 kind = "choices" 的字段')

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
