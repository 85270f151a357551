"""Kinds of organisations and which may be under which: the tree is by kind what the sources say of it (B, C1, D2, E5)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class OrganisationKind(StrEnum):
    """机构类别"""

    ASSOCIATION = "association"  #: 协会: organises (A)
    RESEARCH_CENTRE = "research_centre"  #: 认研中心: hosts and issues (B)
    SOCIETY = "society"  #: 学会: authorises sub-centres and issues (C)
    SUB_CENTRE = "sub_centre"  #: 学会分中心 (C)
    INSTITUTION = "institution"  #: 评价机构 (D)
    CITY_CENTRE = "city_centre"  #: 市（州）职鉴中心 (D)
    PROVINCE_CENTRE = "province_centre"  #: 省职鉴中心 (D)
    LABORATORY = "laboratory"  #: 签约检测机构 (E)
    CQC_SUB_CENTRE = "cqc_sub_centre"
    CQC_TRAINING_CENTRE = "cqc_training_centre"
    CQC_QUALITY_DEPARTMENT = "cqc_quality_department"
    CQC_BUSINESS_DEPARTMENT = "cqc_business_department"
    CQC_PRODUCT_DEPARTMENT = "cqc_product_department"  #: 各产品部: evaluate (E7)
    CQC_INSPECTION_DEPARTMENT = "cqc_inspection_department"  #: 工厂检查部: evaluates (E7)


_Kind = OrganisationKind

#: Kind → the kinds it may stand directly under; None among them: it may stand at the top.
PARENTS: Final[Mapping[OrganisationKind, tuple[OrganisationKind | None, ...]]] = MappingProxyType(
    {
        _Kind.RESEARCH_CENTRE: (None,),
        _Kind.ASSOCIATION: (None, _Kind.RESEARCH_CENTRE),
        _Kind.SOCIETY: (None,),
        _Kind.SUB_CENTRE: (_Kind.SOCIETY,),
        _Kind.PROVINCE_CENTRE: (None,),
        _Kind.CITY_CENTRE: (_Kind.PROVINCE_CENTRE,),
        # Of a city, or of the province (省属评价机构); where the latter is located is told beside (D2).
        _Kind.INSTITUTION: (_Kind.CITY_CENTRE, _Kind.PROVINCE_CENTRE),
        _Kind.CQC_TRAINING_CENTRE: (None,),
        _Kind.CQC_QUALITY_DEPARTMENT: (None, _Kind.CQC_TRAINING_CENTRE),
        _Kind.CQC_BUSINESS_DEPARTMENT: (None, _Kind.CQC_TRAINING_CENTRE),
        _Kind.CQC_PRODUCT_DEPARTMENT: (None, _Kind.CQC_TRAINING_CENTRE),
        _Kind.CQC_INSPECTION_DEPARTMENT: (None, _Kind.CQC_TRAINING_CENTRE),
        _Kind.CQC_SUB_CENTRE: (None, _Kind.CQC_TRAINING_CENTRE),
        _Kind.LABORATORY: (_Kind.CQC_SUB_CENTRE,),
    }
)

#: Kind → the kind of organisation that one may be located in besides the one it stands under (D2).
LOCATED_IN: Final[Mapping[OrganisationKind, OrganisationKind]] = MappingProxyType(
    {_Kind.INSTITUTION: _Kind.CITY_CENTRE}
)


def may_be_under(kind: OrganisationKind, parent: OrganisationKind | None) -> bool:
    """Whether one of `kind` may stand directly under one of `parent`, or at the top (None)."""
    return parent in PARENTS[kind]


def may_be_located_in(
    kind: OrganisationKind, parent: OrganisationKind | None, place: OrganisationKind
) -> bool:
    """Whether one of `kind` under `parent` may also name a `place`: a provincial institution its city (D2)."""
    return LOCATED_IN.get(kind) is place and parent is not place
