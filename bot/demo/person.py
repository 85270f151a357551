"""A specimen person 样例学员: somebody who does not exist, with answers and pictures for every question."""

from dataclasses import dataclass
from typing import Final

from services.pictures import specimen
from services.rules.identity import check_character
from services.schemes.models import FieldKind, Material, Scheme

NICKNAME: Final = "样例学员"


@dataclass(frozen=True, kw_only=True)
class SpecimenPerson:
    """`index` tells several apart."""

    index: int = 0

    @property
    def openid(self) -> str:
        """Of their phone."""
        return f"oSpecimen-{self.index}"

    @property
    def name(self) -> str:
        """The name on their paper."""
        return NICKNAME

    @property
    def identity_number(self) -> str:
        """Valid by its check character; the order code 000 is given to nobody."""
        digits = f"520103{1980 + self.index // 28 % 20}02{self.index % 28 + 1:02d}000"
        return digits + check_character(digits)

    def answer(self, scheme: Scheme, label: str) -> str:
        """What they type when the field called `label` is asked for. Raises KeyError."""
        field = next((field for field in scheme.fields if field.label == label), None)
        if field is None:
            raise KeyError(label)
        match field.kind:
            case FieldKind.NAME:
                return self.name
            case FieldKind.IDENTITY_NUMBER:
                return self.identity_number
            case FieldKind.CHOICE:
                return "1"
            case _:
                return field.example or "样例"

    def picture(self, material: Material) -> bytes:
        """What they photograph for this material."""
        if material.portrait is not None:
            return specimen.portrait(material.portrait.width_px, material.portrait.height_px, variant=2)
        match material.key:
            case "identity_front":
                return specimen.id_card_front("SPECIMEN", self.identity_number)
            case "identity_back":
                return specimen.id_card_back()
            case _:
                return specimen.diploma()
