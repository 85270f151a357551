"""What a scheme asks for: fields and their kinds, materials, and the texts that are shown and agreed to."""

from decimal import Decimal
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from services.schemes.parts import Key, Part, Text


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
