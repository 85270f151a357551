"""Who trains and examines people of a scheme, by kind and name, as each source says (A5, A7, C3, D2, E2)."""

import pytest

from services.rules.partaking import sees, trains
from services.schemes.loader import load_catalogue

CATALOGUE = load_catalogue()
ASSOCIATION, PROVINCE = "贵州省 ISO9000 质量促进会", "四川省职业技能鉴定指导中心"


@pytest.mark.parametrize(
    ("scheme_id", "kind", "name", "may"),
    [
        ("quality-safety-officer", "association", ASSOCIATION, True),
        ("quality-safety-officer", "association", "别的促进会", False),
        ("quality-safety-officer", "laboratory", "某检测中心", False),
        ("quality-safety-officer", "sub_centre", "某分中心", False),
        ("metrology-length-4", "sub_centre", "某分中心", True),
        ("metrology-length-4", "society", "中国计量测试学会", False),
        ("sichuan-examiner", "city_centre", "成都市职业技能鉴定指导中心", True),
        ("sichuan-examiner", "province_centre", PROVINCE, True),
        ("sichuan-examiner", "institution", "某评价机构", False),
        ("sichuan-senior-examiner", "province_centre", PROVINCE, True),
        ("sichuan-senior-examiner", "city_centre", "成都市职业技能鉴定指导中心", False),
        ("cqc-liaison-officer", "cqc_training_centre", "CQC 培训中心", True),
        ("cqc-liaison-officer", "laboratory", "某检测中心", False),
    ],
)
def test_only_those_whom_the_source_names_train_people_of_a_scheme_a5_d2(
    scheme_id: str, kind: str, name: str, may: bool
) -> None:
    assert trains(CATALOGUE.current(scheme_id), kind=kind, name=name) is may


def test_filters_name_only_schemes_that_a_kind_of_organisation_has_people_of_b9() -> None:
    assert {scheme.id for scheme in sees(CATALOGUE.values(), "laboratory")} == {"cqc-liaison-officer"}
    assert {scheme.id.partition("-")[0] for scheme in sees(CATALOGUE.values(), "sub_centre")} == {"metrology"}
