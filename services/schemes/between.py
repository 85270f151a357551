"""What scheme files may not do to each other and to the chat: same versions, same words, same numbers, unknown accounts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from services.rules import words
from services.rules.text import fold
from services.schemes.faults import nearest
from services.schemes.loader import BUILT_IN, LoadedScheme, SchemeFileError, load_file
from services.schemes.models import Scheme


class SeveralFilesError(Exception):
    """Scheme files are wrong; `.files` holds one error a file."""

    def __init__(self, files: Sequence[SchemeFileError]) -> None:
        self.files = tuple(files)
        super().__init__("\n".join(str(error) for error in files))


def scheme_files(*folders: Path) -> list[Path]:
    """The scheme files in these folders, without the parts that others build on."""
    return [
        path for folder in folders for path in sorted(folder.glob("*.toml")) if not path.name.startswith("_")
    ]


def check(paths: Collection[Path], beside: Collection[Path], accounts: Collection[str]) -> list[LoadedScheme]:
    """The schemes of `paths`, looked at by themselves and among those of `beside`.

    `accounts` are the connected official accounts; without any, those that shipped files name are the known ones, and
    only a name that is much like one of them is a fault.

    Raises:
        SeveralFilesError: with everything that is wrong, file by file.
    """
    wrong: list[SchemeFileError] = []
    loaded: list[LoadedScheme] = []
    for path in paths:
        try:
            loaded.extend(load_file(path))
        except SchemeFileError as error:
            wrong.append(error)
    given = {path.resolve() for path in paths}
    others = [item for path in beside if path.resolve() not in given for item in _readable(path)]
    for path in paths:
        mine = [item for item in loaded if item.path == path]
        rest = [item for item in loaded if item.path != path] + others
        told = [
            fault
            for item in mine
            for fault in _faults(item, [*(one for one in mine if one is not item), *rest], accounts)
        ]
        if told:
            wrong.append(SchemeFileError(path, list(dict.fromkeys(told))))
    if wrong:
        raise SeveralFilesError(wrong)
    return loaded


def unconnected(schemes: Collection[LoadedScheme], accounts: Collection[str]) -> list[str]:
    """Accounts of files of one's own that could not be compared with anything, because none is connected."""
    if accounts:
        return []
    return sorted({name for item in schemes if not _shipped(item.path) for name in item.scheme.accounts})


def _readable(path: Path) -> Sequence[LoadedScheme]:
    try:
        return load_file(path)
    except SchemeFileError:
        return ()


def _shipped(path: Path) -> bool:
    return path.resolve().parent == BUILT_IN.resolve()


def _faults(
    item: LoadedScheme, others: Sequence[LoadedScheme], accounts: Collection[str]
) -> Iterator[tuple[str, str]]:
    yield from _same_version(item, others)
    yield from _account_faults(item, others, accounts)
    newest = _newest(other for other in others if other.scheme.id != item.scheme.id)
    yield from _word_faults(item, newest)
    yield from _prefix_faults(item, newest)


def _newest(schemes: Iterator[LoadedScheme]) -> list[LoadedScheme]:
    """One a scheme: what an older version says of the same scheme is not asked any more."""
    return list({item.scheme.id: item for item in schemes}.values())


def _same_version(item: LoadedScheme, others: Sequence[LoadedScheme]) -> Iterator[tuple[str, str]]:
    for other in others:
        if other.scheme.ref == item.scheme.ref:
            yield (
                "id, version",
                f"{item.path.name} 和 {other.path.name} 都是 {item.scheme.ref}，只有一个会起作用；"
                '新的方案换 id，同一方案的新版本换 version，例如 version = "2026.2"',
            )


def _account_faults(
    item: LoadedScheme, others: Sequence[LoadedScheme], accounts: Collection[str]
) -> Iterator[tuple[str, str]]:
    if _shipped(item.path):
        return
    known = sorted(
        accounts or {name for other in others for name in other.scheme.accounts if _shipped(other.path)}
    )
    for index, name in enumerate(item.scheme.accounts, start=1):
        near = nearest(name, known)
        if name in known or not (accounts or near):
            continue
        there = (
            f"已接入：{'、'.join(known)}"
            if accounts
            else f"没有接入公众号，自带方案用的是：{'、'.join(known)}"
        )
        yield (
            f"accounts[{index}]",
            f"没有公众号“{name}”{near}，{there}；"
            f'改成其中之一，例如 accounts = ["{known[0]}"]，或先设置 ZHENGTU_WECHAT__{name.upper()}__APP_ID 等接入它',
        )


def _names(scheme: Scheme) -> Iterator[tuple[str, str]]:
    yield "short_title", scheme.short_title
    yield "title", scheme.title
    for index, word in enumerate(scheme.entry_words, start=1):
        yield f"entry_words[{index}]", word


def _word_faults(item: LoadedScheme, others: Sequence[LoadedScheme]) -> Iterator[tuple[str, str]]:
    taken: dict[str, tuple[LoadedScheme, str]] = {}
    for other in others:
        if not set(other.scheme.accounts).isdisjoint(item.scheme.accounts):
            taken |= {fold(word): (other, place) for place, word in _names(other.scheme)}
    for place, word in _names(item.scheme):
        if place != "title" and (command := words.parse(word)) is not None:
            yield (
                place,
                f"“{word}”是聊天里的固定词（{command.word}），发它不会进入这个方案；换一个词，例如 {_CALLED}",
            )
        elif (found := taken.get(fold(word))) is not None:
            other, there = found
            yield (
                place,
                f"“{word}”已是方案 {other.scheme.id}（{other.path.name} 的 {there}）的名称或词，"
                f"同一公众号里不能重复；换一个词，例如 {_CALLED}",
            )


#: A word that names the scheme.
_CALLED: Final = 'entry_words = ["茶艺师"]'


def _prefixes(scheme: Scheme) -> Mapping[str, str]:
    """Prefix → place."""
    found = {kind.number_prefix: f'certificates "{kind.key}".number_prefix' for kind in scheme.certificates}
    return found | ({scheme.card.number_prefix: "card.number_prefix"} if scheme.card is not None else {})


def _prefix_faults(item: LoadedScheme, others: Sequence[LoadedScheme]) -> Iterator[tuple[str, str]]:
    mine = [*(kind.number_prefix for kind in item.scheme.certificates)]
    mine += [item.scheme.card.number_prefix] if item.scheme.card is not None else []
    for prefix in sorted({prefix for prefix in mine if mine.count(prefix) > 1}):
        yield (
            "number_prefix",
            f"“{prefix}”在本方案里用于两种证书（证卡），编号会分不清；每种用一个，例如 {prefix}2",
        )
    for other in others:
        theirs = _prefixes(other.scheme)
        for prefix, place in _prefixes(item.scheme).items():
            if prefix in theirs and not _one_family(item.scheme, other.scheme, place, theirs[prefix]):
                yield (
                    place,
                    f"“{prefix}”已用于方案 {other.scheme.id}（{other.path.name} 的 {theirs[prefix]}），"
                    f'编号会分不清；换一个，例如 number_prefix = "{prefix[:11]}2"',
                )


def _one_family(one: Scheme, other: Scheme, place: str, there: str) -> bool:
    """Cards of one family are numbered in one series (D7)."""
    if one.card is None or other.card is None or place != there or place != "card.number_prefix":
        return False
    return one.card.family == other.card.family
