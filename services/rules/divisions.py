"""Administrative divisions: what somebody typed as 所在地, made 省/市/区县 with its code."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import Literal

from services.rules.pinyin import lazy_pinyin
from services.rules.text import fold

Level = Literal["province", "city", "county"]

_SEPARATORS = re.compile(r"[/\\\-—–_,，、.。·>|;:]+")
_ENDS = {
    "province": ("特别行政区", "自治区", "省", "市"),
    "city": ("地区", "市", "州", "盟"),
    "county": ("林区", "特区", "群岛", "区", "县", "市", "旗"),
}
#: The peoples as autonomous divisions name them: with 族, or (the second list) in some names without.
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|"
    "达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|"
    "赫哲|门巴|珞巴|基诺|各"
)
_BARE_PEOPLES = "蒙古|维吾尔|哈萨克|柯尔克孜|锡伯|塔吉克|鄂伦春"
_AUTONOMOUS = re.compile(rf"(?P<stem>.*?)(?:(?:{_PEOPLES})族|{_BARE_PEOPLES})*自治(?P<end>[区州县旗])")
_SUGGESTIONS = 5
_ALIKE = 0.6


@dataclass(frozen=True, kw_only=True)
class Division:
    """A province, city or county. `code` has six digits (GB/T 2260); `city` is empty where there is none between."""

    code: str
    level: Level
    province: str
    city: str = ""
    county: str = ""

    @property
    def full(self) -> str:
        """`贵州省/贵阳市/云岩区`; municipalities and counties directly under a province have no middle part."""
        return "/".join(part for part in (self.province, self.city, self.county) if part)

    @property
    def name(self) -> str:
        """Its own name."""
        return self.county or self.city or self.province

    def contains(self, other: "Division") -> bool:
        """Whether `other` lies in it (and is not itself)."""
        significant = {"province": 2, "city": 4, "county": 6}[self.level]
        return self != other and other.code[:significant] == self.code[:significant]


@dataclass(frozen=True)
class Found:
    """One division is meant; `detail` is the rest of an address that was typed with it (`中华北路1号`)."""

    division: Division
    detail: str = ""


@dataclass(frozen=True)
class AmbiguousDivision:
    """Several divisions bear the name; in the order of their codes, the higher levels first."""

    candidates: tuple[Division, ...]
    code: Literal["region.ambiguous"] = "region.ambiguous"


@dataclass(frozen=True)
class UnknownDivision:
    """None does; `suggestions` are the nearest, best first, possibly none (five at most)."""

    suggestions: tuple[Division, ...]
    code: Literal["region.empty", "region.unknown"] = "region.unknown"


def resolve(text: str) -> Found | AmbiguousDivision | UnknownDivision:
    """What `text` means: full or short names, with or without the levels above, separators and width aside.

    `贵州贵阳云岩区`, `贵阳市`, `云岩区`, `贵州省/贵阳市/云岩区` are all found; `朝阳区` is ambiguous. A level in the middle may
    be left out. A street address may follow the county's full name. The answer may be of any level: who needs a
    county looks at `division.level` and asks for one of `below(division)`.
    """
    typed = _SEPARATORS.sub("", fold(text)).removeprefix("中华人民共和国").removeprefix("中国")
    if not typed:
        return UnknownDivision((), "region.empty")
    whole = {division for division, rest, _ in _readings(typed, None) if not rest}
    if whole:
        return _found_or_ambiguous(_preferred(typed, whole), "")
    with_detail = [
        (division, rest)
        for division, rest, spelling in _readings(typed, None)
        if division.level == "county" and spelling == division.name
    ]
    if with_detail:
        shortest = min((rest for _, rest in with_detail), key=len)
        return _found_or_ambiguous({division for division, rest in with_detail if rest == shortest}, shortest)
    return UnknownDivision(_nearest(typed))


def by_code(code: str) -> Division | None:
    """The division of a six-digit code, or None: an identity number's county may be long abolished (a hint only)."""
    return _table().get(code)


def below(division: Division) -> tuple[Division, ...]:
    """What lies directly in it, in the order of the codes; none for a county."""
    inside = [other for other in _table().values() if division.contains(other)]
    return tuple(other for other in inside if not any(between.contains(other) for between in inside))


def as_of() -> str:
    """The day the table describes, `yyyy-mm-dd`."""
    return str(_document()["as_of"])


def _found_or_ambiguous(divisions: set[Division], detail: str) -> Found | AmbiguousDivision:
    if len(divisions) == 1:
        return Found(next(iter(divisions)), detail)
    order: list[Level] = ["province", "city", "county"]
    return AmbiguousDivision(tuple(sorted(divisions, key=lambda d: (order.index(d.level), d.code))))


def _preferred(typed: str, divisions: set[Division]) -> set[Division]:
    """A full name goes before a short one, a province's short name (河北) before a county's (天津市河北区).

    Of two that lie in each other (大理: the prefecture and its city) the larger one is certain.
    """
    chosen = {division for division in divisions if typed.endswith(division.name)} or divisions
    if any(division.level == "province" for division in chosen):
        chosen = {division for division in chosen if division.level != "county"}
    return {division for division in chosen if not any(higher.contains(division) for higher in chosen)}


def _readings(typed: str, above: Division | None) -> Iterator[tuple[Division, str, str]]:
    """Every chain of names that `typed` begins with: the last division, what is left over, its spelling."""
    index = _index()
    for end in range(2, min(len(typed), _longest()) + 1):
        spelling, rest = typed[:end], typed[end:]
        for division in index.get(spelling, ()):
            if above is None or above.contains(division):
                yield division, rest, spelling
                if rest:
                    yield from _readings(rest, division)


def _nearest(typed: str) -> tuple[Division, ...]:
    """The likeliest slips: first among what lies in the part that was understood, then everywhere."""
    understood = [
        (division, rest) for division, rest, _ in _readings(typed, None) if division.level != "county"
    ]
    if understood:
        division, rest = min(understood, key=lambda reading: len(reading[1]))
        inside = [other for other in _table().values() if division.contains(other)]
        scored = sorted(((_alike(rest, other.name), other) for other in inside), key=lambda pair: -pair[0])
        return tuple(other for score, other in scored[:_SUGGESTIONS] if score >= _ALIKE) or (division,)
    if alike := _sounding_like(typed):
        return alike[:_SUGGESTIONS]
    by_spelling = dict(_index())
    by_spelling.update({division.full.replace("/", ""): (division,) for division in _table().values()})
    near = get_close_matches(typed, by_spelling, n=_SUGGESTIONS, cutoff=0.6)
    found = dict.fromkeys(division for spelling in near for division in by_spelling[spelling])
    return tuple(islice(found, _SUGGESTIONS))


def _sounding_like(typed: str) -> tuple[Division, ...]:
    """Those whose name is said the same and written half the same."""
    sound = lazy_pinyin(typed)
    found: dict[Division, None] = {}
    for spelling, divisions in _index().items():
        if (
            len(spelling) == len(typed)
            and 2 * sum(map(str.__eq__, spelling, typed)) >= len(typed)
            and lazy_pinyin(spelling) == sound
        ):
            found.update(dict.fromkeys(divisions))
    return tuple(found)


def _alike(typed: str, name: str) -> float:
    """0 to 1: by characters, or by sound, for most slips are another character of the same pinyin (云颜 for 云岩)."""
    by_character = SequenceMatcher(None, typed, name, autojunk=False).ratio()
    by_sound: float = SequenceMatcher(None, lazy_pinyin(typed), lazy_pinyin(name), autojunk=False).ratio()
    return max(by_character, by_sound)


def _spellings(division: Division) -> set[str]:
    name = division.name
    spellings = {name}
    if name.startswith("内蒙古自治"):
        spellings |= {"内蒙古", "内蒙"}
    elif autonomous := _AUTONOMOUS.fullmatch(name):
        stem = autonomous["stem"] or name.partition("自治")[0].removesuffix("族")
        spellings |= {stem, stem + autonomous["end"]}
    else:
        end = next((end for end in _ENDS[division.level] if name.endswith(end)), "")
        spellings.add(name.removesuffix(end))
    return {spelling for spelling in spellings if len(spelling) > 1}


@lru_cache(maxsize=1)
def _index() -> Mapping[str, tuple[Division, ...]]:
    index: defaultdict[str, list[Division]] = defaultdict(list)
    for division in _table().values():
        for spelling in _spellings(division):
            index[spelling].append(division)
    return {spelling: tuple(divisions) for spelling, divisions in index.items()}


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(map(len, _index()))


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Division]:
    table: dict[str, Division] = {}
    for province_code, (province, cities) in _document()["provinces"].items():
        code = f"{province_code}0000"
        table[code] = Division(code=code, level="province", province=province)
        for city_code, line in cities.items():
            city, *counties = line.split(" ")
            code = f"{province_code}{city_code}00"
            if city:
                table[code] = Division(code=code, level="city", province=province, city=city)
            for entry in counties:
                code = f"{province_code}{city_code}{entry[:2]}"
                table[code] = Division(
                    code=code, level="county", province=province, city=city, county=entry[2:]
                )
    return table


def _document() -> dict[str, dict[str, tuple[str, dict[str, str]]]]:
    """The file: `provinces` maps a code to a name and cities; a city is `name code+county code+county …`."""
    content = files("services.rules").joinpath("data/divisions.json").read_text(encoding="utf-8")
    document: dict[str, dict[str, tuple[str, dict[str, str]]]] = json.loads(content)
    return document
