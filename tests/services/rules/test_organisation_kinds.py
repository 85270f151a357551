"""Which kinds of organisations may be under which."""

import pytest

from services.rules.organisation_kinds import PARENTS, OrganisationKind, may_be_located_in, may_be_under

K = OrganisationKind


@pytest.mark.parametrize(
    ("kind", "parent", "allowed"),
    [
        (K.SUB_CENTRE, K.SOCIETY, True),
        (K.SUB_CENTRE, None, False),
        (K.CITY_CENTRE, K.PROVINCE_CENTRE, True),
        (K.CITY_CENTRE, K.INSTITUTION, False),
        (K.INSTITUTION, K.CITY_CENTRE, True),
        (K.INSTITUTION, K.PROVINCE_CENTRE, True),
        (K.INSTITUTION, K.INSTITUTION, False),
        (K.LABORATORY, K.CQC_SUB_CENTRE, True),
        (K.LABORATORY, K.CITY_CENTRE, False),
        (K.ASSOCIATION, None, True),
    ],
)
def test_a_kind_stands_only_where_the_sources_put_it_c1_d2_e5(
    kind: OrganisationKind, parent: OrganisationKind | None, allowed: bool
) -> None:
    assert may_be_under(kind, parent) is allowed


def test_every_kind_can_stand_somewhere() -> None:
    assert set(PARENTS) == set(OrganisationKind)
    for kind in OrganisationKind:
        above: set[OrganisationKind | None] = {kind}
        for _ in OrganisationKind:
            above |= {parent for one in above if one for parent in PARENTS[one]}
        assert None in above


def test_only_a_provincial_institution_names_its_city_besides_d2() -> None:
    assert may_be_located_in(K.INSTITUTION, K.PROVINCE_CENTRE, K.CITY_CENTRE)
    assert not may_be_located_in(K.INSTITUTION, K.CITY_CENTRE, K.CITY_CENTRE)
    assert not may_be_located_in(K.LABORATORY, K.CQC_SUB_CENTRE, K.CITY_CENTRE)
