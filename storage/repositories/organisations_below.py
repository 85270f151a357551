"""An organisation and everything below it in the tree, as a condition for other queries."""

from uuid import UUID

from sqlalchemy import Select, select

from storage.tables import Organisation


def below(organisation_id: UUID) -> Select[UUID]:
    """The ids of an organisation and of whatever hangs below it."""
    tree = (
        select(Organisation.id)
        .where(Organisation.id == organisation_id)
        .cte("organisations_below", recursive=True)
    )
    # `union`, not `union all`: a circle in the tree ends.
    tree = tree.union(select(Organisation.id).join(tree, Organisation.parent_id == tree.c.id))
    return select(tree.c.id)
