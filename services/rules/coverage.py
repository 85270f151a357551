"""Whether a laboratory's people together cover its business (E4)."""

from collections.abc import Iterable, Sequence


def gaps(business: Sequence[str], people: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The fields of business that nobody covers, in the order of the business.

    `people` gives each active person's fields.

    >>> gaps(["CCC", "CB", "PSE"], [["CCC"], ["PSE", "CE"]])
    ('CB',)
    """
    covered = {field for fields in people for field in fields}
    return tuple(field for field in business if field not in covered)


def opened_by_leaving(
    business: Sequence[str], leaving: Iterable[str], others: Iterable[Iterable[str]]
) -> tuple[str, ...]:
    """The fields that become uncovered when a person with the fields `leaving` goes; `others` stay.

    >>> opened_by_leaving(["CCC", "CB", "PSE"], ["CCC", "CB"], [["CCC"]])
    ('CB',)
    """
    own = set(leaving)
    return tuple(field for field in gaps(business, others) if field in own)
