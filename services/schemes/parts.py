"""What every part of a scheme file is made of."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Part(BaseModel):
    """A part of a scheme file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MisplacedError(ValueError):
    """Parts of a file do not fit each other; `.place` is where, from the part that found it; the text says what."""

    def __init__(self, place: str, fault: str) -> None:
        self.place = place
        super().__init__(fault)


class _Later:
    """Its only instance is `LATER`."""


#: Marks a key that the model learnt after schemes were published (`Annotated[int, LATER] = 0`): it must have a default,
#: and while it has its default it is left out of a scheme's hash, so that what was published keeps its hash (B12).
LATER: Final = _Later()
