"""Planting a whole tree from a TOML file: what is there already stays, so that a file can be planted again.

A file has `[[organisations]]` with `name`, `kind`, and where they apply `under` and `located_in`, each the name of one that
comes before it or is there already.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.organisations.tree import OrganisationNode, OrganisationTree
from services.rules.organisation_kinds import OrganisationKind
from services.unit_of_work import Work

_BUILT_IN: Final = Path(__file__).parent / "data"
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]


class Seedling(BaseModel):
    """One organisation of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Name
    kind: OrganisationKind
    under: _Name | None = None
    located_in: _Name | None = None


class _Bed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    organisations: tuple[Seedling, ...] = Field(min_length=1, max_length=2000)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """What was done."""

    added: int
    there: int


def known_trees() -> tuple[str, ...]:
    """Names of the trees that come along: `cqc`, `metrology`, `sichuan`."""
    return tuple(sorted(path.stem for path in _BUILT_IN.glob("*.toml")))


def read(name_or_path: str) -> tuple[Seedling, ...]:
    """The organisations of a tree that comes along, or of a file.

    Raises: ServiceError `tree.file` (`place`, `fault`), `tree.unknown` (`name`, `known`).
    """
    path = _BUILT_IN / f"{name_or_path}.toml" if name_or_path in known_trees() else Path(name_or_path)
    if not path.is_file():
        raise ServiceError("tree.unknown", name=name_or_path, known="、".join(known_trees()))
    try:
        return _Bed.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).organisations
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ServiceError("tree.file", place="TOML", fault=str(error)) from error
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(step + 1 if isinstance(step, int) else step) for step in fault["loc"])
        raise ServiceError("tree.file", place=place, fault=fault["msg"]) from error


async def plant(work: Work, actor: Actor, seedlings: Sequence[Seedling]) -> Planted:
    """Add those that are missing, in their order; all or none.

    Raises: ConflictError `tree.other_kind` (`name`, `kind`), one of that name is something else; as `OrganisationTree.add`.
    """
    tree = OrganisationTree(work)
    known = {node.name: node for node in await tree.list_(actor)}
    added = 0
    for seedling in seedlings:
        if (node := known.get(seedling.name)) is not None:
            if node.kind is not seedling.kind:
                raise ConflictError("tree.other_kind", name=seedling.name, kind=str(node.kind))
            continue
        parent, place = (
            _named(known, name) if name is not None else None
            for name in (seedling.under, seedling.located_in)
        )
        known[seedling.name] = await tree.add(
            actor,
            name=seedling.name,
            kind=seedling.kind,
            parent_id=parent.id if parent else None,
            located_in_id=place.id if place else None,
        )
        added += 1
    return Planted(added=added, there=len(seedlings) - added)


def _named(known: dict[str, OrganisationNode], name: str) -> OrganisationNode:
    if name not in known:
        raise NotFoundError("tree.not_before", name=name)
    return known[name]
