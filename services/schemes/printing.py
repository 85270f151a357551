"""Forms that are printed, signed, sealed and photographed: how a source's annex lays them out, row by row (D5, D6, D8, E3)."""

from collections.abc import Iterator, Mapping
from typing import Self

from pydantic import Field, model_validator

from services.schemes.forms import Consent, FieldKind, FormField, Material, MaterialKind
from services.schemes.parts import Key, Part, Text


class PrintedCell(Part):
    """A label with an answer behind it, or several answers one after the other."""

    #: Keys of the fields, one behind the other.
    fields: tuple[Key, ...] = Field(min_length=1)
    #: Where the form says it in other words than the question.
    label: str = ""


class PrintedRow(Part):
    """One row of the form, from edge to edge. It has exactly one of the kinds below."""

    #: Labelled cells beside each other.
    cells: tuple[PrintedCell, ...] = Field(default=(), max_length=3)
    #: A field whose answer may be long.
    text: Key | None = None
    #: A field whose options are all printed, the chosen ones ticked.
    ticks: Key | None = None
    #: A table, with its columns.
    table: Key | None = None
    #: A consent's text over a line for the person's signature and the date.
    consent: Key | None = None
    #: Left empty for an opinion, a seal and the date; the text is its label.
    opinion: Text | None = None

    label: str = ""
    #: Who signs, as the form says it: before the seal, or before the signature.
    signer: str = ""
    #: At least so high.
    height_mm: int = Field(default=0, ge=0, le=200)

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        kinds = ("cells", "text", "ticks", "table", "consent", "opinion")
        if sum(bool(getattr(self, kind)) for kind in kinds) != 1:
            raise ValueError(f"每一行应写且只写 {'、'.join(kinds)} 中的一个")
        return self


class Printable(Part):
    """A form on A4 that is filled with the answers of a draft."""

    key: Key
    title: Text
    #: The field that stands above the table on the right: 填表日期.
    dated: Key | None = None
    #: The material whose picture goes into the box for a photo, and how many rows the box is high.
    photo: Key | None = None
    #: How many rows high the box is.
    photo_rows: int = Field(default=4, ge=1, le=8)
    #: From top to bottom.
    rows: tuple[PrintedRow, ...] = Field(min_length=1)
    #: What stands below it: 填表说明.
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _has_room_for_the_photo(self) -> Self:
        beside = self.rows[: self.photo_rows]
        if self.photo is not None and not all(row.cells for row in beside):
            raise ValueError(f'printables "{self.key}"：照片旁的前 {self.photo_rows} 行只能是 cells')
        return self


_ROW_KINDS: Mapping[str, FieldKind] = {"ticks": FieldKind.CHOICES, "table": FieldKind.TABLE}


def faults(
    printables: tuple[Printable, ...],
    *,
    fields: Mapping[str, FormField],
    materials: tuple[Material, ...],
    consents: tuple[Consent, ...],
) -> Iterator[str]:
    """What the forms name that the scheme does not have, and materials that name no form."""
    keys = [printable.key for printable in printables]
    for material in materials:
        if material.printable is not None and material.printable not in keys:
            yield f'材料 {material.key} 的 printable = "{material.printable}" 没有写在 printables 里'
        if material.printable is not None and material.kind is MaterialKind.PORTRAIT:
            yield f'材料 {material.key}：kind = "portrait" 不能有 printable'
    used = {material.printable for material in materials}
    for printable in printables:
        place = f'printables "{printable.key}"'
        if printable.key not in used:
            yield f"{place} 没有材料使用（materials 里写 printable）"
        if printable.dated is not None and printable.dated not in fields:
            yield f'{place}.dated = "{printable.dated}" 不是本方案的字段'
        portraits = {item.key for item in materials if item.kind is MaterialKind.PORTRAIT}
        if printable.photo is not None and printable.photo not in portraits:
            yield f'{place}.photo = "{printable.photo}" 应是 kind = "portrait" 的材料'
        for index, row in enumerate(printable.rows, start=1):
            yield from (f"{place}.rows[{index}]：{fault}" for fault in _row_faults(row, fields, consents))


def _row_faults(
    row: PrintedRow, fields: Mapping[str, FormField], consents: tuple[Consent, ...]
) -> Iterator[str]:
    named = [key for cell in row.cells for key in cell.fields]
    named += [key for key in (row.text, row.ticks, row.table) if key is not None]
    for key in named:
        if key not in fields:
            yield f'"{key}" 不是本方案的字段'
    for name, kind in _ROW_KINDS.items():
        key = getattr(row, name)
        if key in fields and (fields[key].kind is not kind or (name == "ticks" and not fields[key].options)):
            options = "、有 options" if name == "ticks" else ""
            yield f'{name} = "{key}" 应是 kind = "{kind}"{options} 的字段'
    if row.consent is not None and row.consent not in {consent.key for consent in consents}:
        yield f'consent = "{row.consent}" 不是本方案的 consents'
