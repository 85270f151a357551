"""What a scheme says of its people beside the exam: who is barred (C7), and how their data are changed (E8)."""

from typing import Annotated

from pydantic import Field

from services.schemes.forms import ChangeKind, FieldKind, FormField
from services.schemes.parts import Key, Part, Text

#: Kinds that only say how to reach somebody.
_CONTACT_KINDS = frozenset({FieldKind.MOBILE, FieldKind.EMAIL, FieldKind.POSTCODE, FieldKind.REGION})
#: Keys that mean the same in every file: where somebody works and where letters go.
_CONTACT_KEYS = frozenset({"address", "postal_address", "employer", "paper"})
_IMPORTANT_KINDS = frozenset({FieldKind.NAME, FieldKind.IDENTITY_NUMBER})
_IMPORTANT_KEYS = frozenset({"political_status", "ethnicity"})


class BarReason(Part):
    """One reason for which somebody is put on the list."""

    key: Key
    label: Text


class Blacklist(Part):
    """The list that a scheme keeps with all others that name it: for what, for how long, heard how long (C7)."""

    #: Name of the list; schemes with the same name share it.
    list: Key
    #: How long somebody stands on it.
    years: int = Field(ge=1, le=50)
    #: Days to answer after the day on which the person was told.
    hearing_days: int = Field(ge=1, le=90)
    #: For what.
    reasons: tuple[BarReason, ...] = Field(min_length=1)
    #: Kind of organisation that stands above those that keep the list, and may confirm as well.
    overseen_by: Key

    def label(self, reason: str) -> str:
        """What a reason is called; an unknown one stands as it is."""
        return next((item.label for item in self.reasons if item.key == reason), reason)


class ChangeStage(Part):
    """One stage that a change goes through, by the kind of organisation that decides it."""

    key: Key
    label: Text
    organisation_kind: Key


class Changes(Part):
    """Through whom a change of important (b) and of qualification (c) data goes (E8)."""

    #: Stage by stage.
    review: Annotated[tuple[ChangeStage, ...], Field(min_length=1)]


def change_kind(field: FormField) -> ChangeKind | None:
    """How the field is changed after the submission; None for one that follows from others.

    What a file says counts. Otherwise: how to reach somebody is theirs to change (a), who somebody is is important
    (b), and everything else is what they were admitted upon (c).
    """
    if not field.asked:
        return None
    if field.change is not None:
        return field.change
    if field.kind in _IMPORTANT_KINDS or field.key in _IMPORTANT_KEYS:
        return "b"
    if field.kind in _CONTACT_KINDS or field.key in _CONTACT_KEYS:
        return "a"
    return "c"
