"""Several pictures for one material: which place the next one takes, and what the material is worth as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.schemes.models import Material


@dataclass(frozen=True)
class File:
    """One picture of a material: its place, from 1, and whether it was refused or is still being checked."""

    place: int
    refused: bool = False
    checking: bool = False


@dataclass(frozen=True)
class Pile:
    """All current pictures of one material, by their places."""

    files: tuple[File, ...] = ()

    @property
    def good(self) -> tuple[int, ...]:
        """Places of those that were not refused."""
        return tuple(file.place for file in self.files if not file.refused)

    @property
    def refused(self) -> tuple[int, ...]:
        """Places of those that were: to be sent again, or left out with 完成."""
        return tuple(file.place for file in self.files if file.refused)

    @property
    def complete(self) -> bool:
        """There is one at least, and none is refused."""
        return bool(self.files) and not self.refused

    @property
    def highest(self) -> int:
        """The last place that is taken; 0 when there is none."""
        return max((file.place for file in self.files), default=0)


def place_for_next(material: Material, pile: Pile, wanted: int | None = None) -> int | None:
    """The place that the next picture takes: the `wanted` one, else that of the first that was refused, else a new one.

    None when there is no room any more. Of a material with a single picture a new one takes the place of the old.
    """
    if material.max_files == 1:
        return 1
    taken = {file.place for file in pile.files}
    if wanted is not None and wanted in taken:
        return wanted
    if pile.refused:
        return pile.refused[0]
    return next((place for place in range(1, material.max_files + 1) if place not in taken), None)


def has_room(material: Material, pile: Pile) -> bool:
    """Another picture may follow those that are there."""
    return material.max_files > 1 and place_for_next(material, pile) is not None


def pile_of(files: Mapping[str, Pile], key: str) -> Pile:
    """The pictures of this material; an empty pile when there are none."""
    return files.get(key, Pile())
