"""What a scheme asks for: fields and their kinds, materials, and the texts that are shown and agreed to."""

from collections.abc import Collection, Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.schemes.kept import values_of
from services.schemes.parts import LATER, Key, Part, Text


class FieldKind(StrEnum):
    """How an answer is read, checked and kept."""

    NAME = "name"
    IDENTITY_NUMBER = "identity_number"
    MOBILE = "mobile"
    CHOICE = "choice"
    REGION = "region"
    DATE = "date"
    TEXT = "text"
    #: A text of several lines with a least count of characters, white space aside (D5).
    LONG_TEXT = "long_text"
    #: Up to `max_choices` of the options; without options, of anything that is written (D5).
    CHOICES = "choices"
    EMAIL = "email"
    #: A count or a length of time, with its unit.
    NUMBER = "number"
    POSTCODE = "postcode"
    #: Rows of cells: named rows, and a row for every value of another field (E3).
    TABLE = "table"
    DERIVED = "derived"


#: Kinds whose values are encrypted at rest and masked outward.
SENSITIVE_KINDS = frozenset({FieldKind.IDENTITY_NUMBER, FieldKind.MOBILE})


#: How a field is changed after the submission: by the person, as important data, as qualification data (E8).
ChangeKind = Literal["a", "b", "c"]


class Condition(Part):
    """Holds when the field's answer is one of the values; of several answers, when any is."""

    field: Key
    #: The values for which it holds.
    is_in: tuple[str, ...] = Field(min_length=1)

    def holds(self, answers: dict[str, str]) -> bool:
        """Whether it holds for these answers (field key → stored value)."""
        return any(value in self.is_in for value in values_of(answers.get(self.field, "")))


class Option(Part):
    """One item of a numbered list."""

    #: What is kept, and what conditions compare with.
    value: Text
    label: Text
    aliases: tuple[str, ...] = ()
    #: Its type: with `same_group`, only options of one type go together (D5).
    group: Annotated[str, LATER] = ""


class Column(Part):
    """One column of a table."""

    key: Key
    label: Text
    kind: Literal["text", "date"] = "text"
    example: str = ""


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
    #: The numbered list of a choice.
    options: tuple[Option, ...] = ()
    #: No abbreviations: only the exact item answers (D8).
    exact: bool = False
    #: Characters, white space aside.
    min_length: int = 0
    #: Characters.
    max_length: int = 200
    #: For `derived`: where the value comes from.
    source: (
        Literal["identity.sex", "identity.birth_on", "identity.age", "submitted_on", "scheme.short_title"]
        | None
    ) = None
    when: Condition | None = None
    #: For `text`: what is filled in as soon as it is known, so that nobody types it; it can be changed.
    prefill: Annotated[Literal["", "organisation.name"], LATER] = ""
    #: For `text`: only a name of this list answers: `ethnicity`, the 56 of GB/T 3304 (D8).
    names: Annotated[Literal["", "ethnicity"], LATER] = ""
    #: For `choices`: how many at most, and whether all must be of one type.
    max_choices: Annotated[int, LATER, Field(ge=0)] = 0
    #: Whether all that are chosen must be of one `group`.
    same_group: Annotated[bool, LATER] = False
    #: For `number`: 年, 次 and the like, and the limits.
    unit: Annotated[str, LATER] = ""
    #: The least number.
    minimum: Annotated[Decimal | None, LATER] = None
    #: The greatest number.
    maximum: Annotated[Decimal | None, LATER] = None
    #: For `table`: its columns, its named rows, and the field for each of whose values there is a row as well, which
    #: is named by `row_label` with `{value}` filled in.
    columns: Annotated[tuple[Column, ...], LATER] = ()
    #: Rows that are always there.
    rows: Annotated[tuple[Text, ...], LATER] = ()
    #: Key of a field of several choices: a row for each.
    rows_of: Annotated[Key | None, LATER] = None
    #: How those rows are called.
    row_label: Annotated[str, LATER] = "{value}"
    #: None: as `services.schemes.standing.change_kind` derives it.
    change: Annotated[ChangeKind | None, LATER] = None
    #: What we know of it ourselves and show staff beside what was said, deciding nothing (D3, D8): for `number` the work
    #: with cards, for `text` the number of an earlier card.
    on_record: Annotated[Literal["assignments_done", "years_with_card", "card_number"] | None, LATER] = None
    #: Optional, but for those of whom this holds: with `required = false`.
    required_when: Annotated[Condition | None, LATER] = None

    def is_required(self, answers: dict[str, str]) -> bool:
        """Whether 跳过 is no answer to it."""
        return self.required or (self.required_when is not None and self.required_when.holds(answers))

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
        choices = self.kind is FieldKind.CHOICES
        if (self.kind is FieldKind.CHOICE) != bool(self.options) and not choices:
            raise ValueError(
                f'字段 {self.key}：kind = "choice" 才能有 options，且必须有（kind = "choices" 可以有）'
            )
        if self.prefill and self.kind is not FieldKind.TEXT:
            raise ValueError(f'字段 {self.key}：kind = "text" 才能写 prefill')
        if self.names and self.kind is not FieldKind.TEXT:
            raise ValueError(f'字段 {self.key}：kind = "text" 才能写 names')
        if (self.kind is FieldKind.DERIVED) != (self.source is not None):
            raise ValueError(f'字段 {self.key}：kind = "derived" 才能有 source，且必须有')
        values = [option.value for option in self.options]
        if len(set(values)) != len(values):
            raise ValueError(f"字段 {self.key}：options 的 value 不能重复")
        if self.exact and not self.options:
            raise ValueError(f"字段 {self.key}：exact 只用于有 options 的字段")
        if self.min_length > self.max_length:
            raise ValueError(
                f"字段 {self.key}：min_length = {self.min_length} 大于 max_length = {self.max_length}"
            )
        if self.change is not None and not self.asked:
            raise ValueError(f'字段 {self.key}：kind = "derived" 不能写 change，它随其他字段改变')
        if self.required_when is not None and self.required:
            raise ValueError(f"字段 {self.key}：required_when 只用于 required = false 的字段")
        for fault in (*self._choices_faults(), *self._number_faults(), *self._table_faults()):
            raise ValueError(f"字段 {self.key}：{fault}")
        return self

    def _choices_faults(self) -> Iterator[str]:
        if (self.kind is FieldKind.CHOICES) != (self.max_choices > 0):
            yield 'kind = "choices" 才能有 max_choices，且必须写（至少 1）'
        if self.options and self.max_choices > len(self.options):
            yield f"max_choices = {self.max_choices} 多于 options 的个数 {len(self.options)}"
        if self.same_group and not (self.max_choices and self.options):
            yield 'same_group 只用于 kind = "choices" 且有 options 的字段'
        if self.same_group and not all(option.group for option in self.options):
            yield "same_group 要求每个 options 都写 group"

    def _number_faults(self) -> Iterator[str]:
        limits = (self.minimum, self.maximum)
        if self.kind is not FieldKind.NUMBER and (self.unit or limits != (None, None)):
            yield 'unit、minimum、maximum 只用于 kind = "number"'
        expected = FieldKind.TEXT if self.on_record == "card_number" else FieldKind.NUMBER
        if self.on_record is not None and self.kind is not expected:
            yield f'on_record = "{self.on_record}" 只用于 kind = "{expected}"'
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            yield f"minimum = {self.minimum} 大于 maximum = {self.maximum}"

    def _table_faults(self) -> Iterator[str]:
        if self.kind is not FieldKind.TABLE:
            if self.columns or self.rows or self.rows_of or self.row_label != "{value}":
                yield 'columns、rows、rows_of、row_label 只用于 kind = "table"'
            return
        if not self.columns:
            yield 'kind = "table" 必须写 columns'
        if not self.rows and self.rows_of is None:
            yield 'kind = "table" 必须写 rows 或 rows_of'
        if "{value}" not in self.row_label:
            yield "row_label 里必须有 {value}"
        for name, words in (("columns", [column.key for column in self.columns]), ("rows", [*self.rows])):
            if len(set(words)) != len(words):
                yield f"{name} 不能重复"


class PortraitRule(Part):
    """What a portrait must be, in pixels; the source names the print size (A11)."""

    #: 295 for one inch, 413 for two.
    width_px: int
    #: 413 for one inch, 579 for two.
    height_px: int
    #: How much the sides may differ in proportion.
    ratio_tolerance: Decimal = Decimal("0.02")
    #: None: any.
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
    #: What a `portrait` has to be like.
    portrait: PortraitRule | None = None
    when: Condition | None = None
    #: The form (`printables`) that is printed, signed and sealed, and photographed for this material (D6, E3).
    printable: Annotated[Key | None, LATER] = None
    #: How many pictures it may have: pages of a paper, several papers of one kind.
    max_files: Annotated[int, LATER, Field(ge=1, le=9)] = 1
    #: Optional, but for those of whom this holds: with `required = false`.
    required_when: Annotated[Condition | None, LATER] = None

    def is_required(self, answers: dict[str, str]) -> bool:
        """Whether it cannot be skipped."""
        return self.required or (self.required_when is not None and self.required_when.holds(answers))

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.required_when is not None and self.required:
            raise ValueError(f"材料 {self.key}：required_when 只用于 required = false 的材料")
        if self.kind is MaterialKind.PORTRAIT and self.max_files > 1:
            raise ValueError(f'材料 {self.key}：kind = "portrait" 只能有一张，不能写 max_files')
        if (self.kind is MaterialKind.PORTRAIT) != (self.portrait is not None):
            raise ValueError(f'材料 {self.key}：kind = "portrait" 必须写 [portrait] 规格，其他种类不能写')
        return self


class Alternatives(Part):
    """Sets of materials of which one suffices (C6: 毕业证 with 学信网 proof, or 遗失证明). A set names materials by key."""

    key: Key
    label: Text
    #: Sets of keys of materials.
    sets: tuple[Annotated[tuple[Key, ...], Field(min_length=1)], ...] = Field(min_length=2)

    def chosen(self, handed_in: Collection[str]) -> tuple[str, ...]:
        """The set that is complete, else the one with most of it handed in, else the first."""
        return max(
            self.sets,
            key=lambda keys: (all(key in handed_in for key in keys), sum(key in handed_in for key in keys)),
        )


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
