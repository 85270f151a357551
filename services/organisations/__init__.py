"""Organisations 机构: who enrols, reviews and issues; their tree, and who is responsible for whom.

Staff belong to one and see only its people (B9). `naming` finds or makes one by its name, `tree` is what people do with
the tree, `routing` says which organisation of a kind is responsible for another's people.
"""

from services.organisations.naming import OrganisationLine, ensure, list_
from services.organisations.routing import NobodyResponsibleError, responsible
from services.organisations.tree import OrganisationNode, OrganisationTree
from services.rules.organisation_kinds import OrganisationKind

__all__ = [
    "NobodyResponsibleError",
    "OrganisationKind",
    "OrganisationLine",
    "OrganisationNode",
    "OrganisationTree",
    "ensure",
    "list_",
    "responsible",
]
