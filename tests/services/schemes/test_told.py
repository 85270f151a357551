"""What `schemes check` says is Chinese that a newcomer understands: what, what is expected, an example."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.schemes import faults, shape
from services.schemes.loader import BUILT_IN, SchemeFileError, load_file
from services.schemes.models import Scheme
from services.schemes.parts import Part

#: Three Latin words in a row, outside of quoted text and examples.
SENTENCE = re.compile(r"[A-Za-z']{2,} [A-Za-z']{2,} [A-Za-z']{2,}")
BAD: tuple[Any, ...] = (
    None, True, 0, -1, 10**9, 10**40, 1.5, float("nan"), "", "不是", "字" * 500, "A b!", [], [0], ["", "甲"] * 9, {},
    {"nowhere": 1}, [{}], [{"kind": "no"}],
)  # fmt: skip


def parts(root: type[Part]) -> Iterator[type[Part]]:
    seen, waiting = {root}, [root]
    while waiting:
        part = waiting.pop()
        yield part
        inner = {p for field in part.model_fields.values() for p in shape.parts_in(field.annotation)}
        waiting.extend(inner - seen)
        seen |= inner


def errors(part: type[Part]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for key in (*part.model_fields, "nowhere"):
        for bad in BAD:
            document = {key: bad}
            try:
                part.model_validate(document)
            except ValidationError as refused:
                yield from ((document, dict(error)) for error in refused.errors())


def test_no_error_that_a_scheme_file_can_cause_is_told_in_english() -> None:
    kinds = set()
    for part in parts(Scheme):
        for document, error in errors(part):
            place, told = faults.told(part, document, error)
            kinds.add(error["type"])
            assert place
            assert not SENTENCE.search(told), (part, error, told)
            assert re.search("[\u4e00-\u9fff]{2}", told), (part, error, told)
            if error["type"] not in ("extra_forbidden", "value_error"):
                assert "例如" in told, (part, error, told)
    assert len(kinds) >= 18
    assert kinds - {"missing", "extra_forbidden", "value_error"} <= faults.KNOWN


@pytest.mark.parametrize(
    ("change", "place", "told"),
    [
        (('remark = "心肺复苏"', ""), 'fees[1] "training".remark', "缺少这一项"),
        (("title", "titel"), "titel", "是不是“title”？）；这里可以写：id、version、title"),
        (('due_before = "sitting"', 'due_before = "siting"'), 'fees[2] "verification".due_before', "是不是“sitting”？"),
        (("required = 30", "required = 30\nrequired = 40"), "第 ", "前面已经写过，一个键只能写一次（这一行：required = 40）"),
        (("[hours]", "[hours"), "第 ", "表头的方括号没有写完"),
        (('id = "', 'id = '), "第 4 行第 6 列", "文字要用英文双引号"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place_and_what_may_stand_there(
    tmp_path: Path, change: tuple[str, str], place: str, told: str
) -> None:
    path = tmp_path / "mine.toml"
    text = (BUILT_IN / "_quality_safety_officer.toml").read_text(encoding="utf-8")
    text = re.sub(r'remark = "[^"]*"', 'remark = "心肺复苏"', text)
    assert change[0] in text
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SchemeFileError) as refused:
        load_file(path)
    said = [(where, fault) for where, fault in refused.value.faults if told in fault]
    assert said, refused.value
    assert said[0][0].startswith(place)
    assert not SENTENCE.search(str(refused.value))
