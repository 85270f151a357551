"""Names of persons: Han, minority and foreign ones."""

import re

from services.rules.errors import InvalidValueError
from services.rules.text import normalise

MINIMUM_LENGTH = 2
MAXIMUM_LENGTH = 40

#: What keyboards offer for the dot of minority names; the right one is U+00B7 (GB/T 15834).
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・ᐧ●", "·"))

#: CJK unified ideographs with extension A, the compatibility block's few unified ones, and the planes 2 and 3
#: (extensions B to I): a rare character in a name is still a name.
_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\ufa0e-\ufa29\U00020000-\U0003ffff"
_LATIN = r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"

_HAN_NEIGHBOUR_SPACE = re.compile(rf"(?<=[{_HAN}·])\s+|\s+(?=[{_HAN}·])")
_HAN_POINT = re.compile(rf"(?<=[{_HAN}])\.(?=[{_HAN}])")
#: 我叫王小明: what people put around a name in a sentence.
_INTRODUCED = re.compile(
    r"^(?:我的名字[是叫]?|我的姓名是?|我叫|我是|姓名[是:]|名字[是叫:]|本人[是叫:]?)[\s:,，]*(?=\S{2})"
)
_AFTER_NAME = "。!,，、~… "
#: Answers to something else, which look like names.
_NO_NAMES = frozenset(
    (
        "是的",
        "好的",
        "可以",
        "同意",
        "没有",
        "不知道",
        "姓名",
        "名字",
        "你好",
        "您好",
        "谢谢",
        "收到",
        "确认",
        "明白",
    )
)

_ALLOWED = re.compile(rf"[{_HAN}{_LATIN}·.'’\- ]")
_LETTER = re.compile(rf"[{_HAN}{_LATIN}]")


def parse(text: str) -> str:
    """A name in the one way we keep it: no spaces around hanzi, one kind of dot, single spaces in Latin names.

    Raises:
        InvalidValueError: `name.empty`, also for 是的 and the like; `name.digits`; `name.character` (`character`,
            `position`: it belongs in no name); `name.dot` (a dot or hyphen at an end or doubled); `name.length`
            (`length`, `minimum`, `maximum`).
    """
    typed = _INTRODUCED.sub("", normalise(text).translate(_DOTS)).rstrip(_AFTER_NAME)
    name = _HAN_NEIGHBOUR_SPACE.sub("", typed)
    name = _HAN_POINT.sub("·", name)
    if not name or name in _NO_NAMES:
        raise InvalidValueError("name.empty")
    if any(character.isdigit() for character in name):
        raise InvalidValueError("name.digits")
    for position, character in enumerate(name, start=1):
        if not _ALLOWED.match(character):
            raise InvalidValueError("name.character", character=character, position=position)
    if not MINIMUM_LENGTH <= len(name) <= MAXIMUM_LENGTH:
        raise InvalidValueError(
            "name.length", length=len(name), minimum=MINIMUM_LENGTH, maximum=MAXIMUM_LENGTH
        )
    if not _LETTER.match(name[0]) or name[-1] in "·-" or re.search(r"[·\-.'’]{2}", name):
        raise InvalidValueError("name.dot")
    return name


def equal(one: str, other: str) -> bool:
    """Whether two spellings are the same name: width, spaces, kind of dot and Latin case aside."""
    return _key(one) == _key(other)


def _key(text: str) -> str:
    name = normalise(text).translate(_DOTS).replace(" ", "")
    return _HAN_POINT.sub("·", name).casefold()
