"""Typed text made comparable: width, spaces, likeness, length."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from math import log

#: Which weight of the asked question a known one must share to be taken for it; found by trying the chat's own questions.
CLOSE_ENOUGH = 0.38

#: What NFKC would make half-width, which nobody writes in a Chinese sentence.
_PUNCTUATION = "，；：？！（）～…"
_SET_ASIDE = {ord(mark): chr(0xE000 + place) for place, mark in enumerate(_PUNCTUATION)}
_PUT_BACK = {0xE000 + place: mark for place, mark in enumerate(_PUNCTUATION)}

#: Characters of the longest question that anybody types between two answers.
_LONGEST_QUESTION = 40

#: What people put around a question, and question words: they say nothing about its subject.
_FILLERS = re.compile(
    "请问一下|我想知道|我想问|麻烦问|请问|你好|您好|一下|怎么办|怎么样|怎么|什么时候|怎样|如何|什么|多久|哪些|哪个|可以|需要|能不能|是不是|"
    "[的了吗呢啊呀吧我要啥请能会]"
)


def normalise(text: str) -> str:
    """NFKC (full-width becomes half-width), no control or zero-width characters, single spaces, stripped."""
    kept = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFKC", text)
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf")
    )
    return " ".join(kept.split())


def tidied(text: str) -> str:
    """As `normalise`, but Chinese punctuation stays as it was written: what is printed on forms, next to a seal."""
    return normalise(text.translate(_SET_ASIDE)).translate(_PUT_BACK)


def fold(text: str) -> str:
    """For comparing: normalised, without any space, case-folded."""
    return normalise(text).replace(" ", "").casefold()


def length(text: str) -> int:
    """How many characters a person has written: spaces and line breaks do not count (D5: 200 characters)."""
    return len(normalise(text).replace(" ", ""))


def is_question(text: str) -> bool:
    """Whether somebody asks something: a question mark or particle at the end, or a beginning that only questions have.

    What is longer than a question in a chat is taken for an answer.

    >>> is_question("要多少钱？"), is_question("请问什么时候考试"), is_question("贵州大学")
    (True, True, False)
    """
    typed = fold(text).rstrip("。.!,、~… ")
    return 1 < len(typed) <= _LONGEST_QUESTION and (
        typed.endswith(("?", "吗", "呢", "多少", "多少钱", "怎么办", "为什么", "什么意思"))
        or typed.startswith(("请问", "为什么", "怎么", "怎样", "什么时候", "多少", "能不能", "可不可以"))
    )


def likeness(one: str, other: str) -> float:
    """0 (nothing in common) to 1 (the same): the order of characters and the pairs of neighbours, half and half."""
    first, second = fold(one), fold(other)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    pairs_first, pairs_second = _pairs(first), _pairs(second)
    total = sum(pairs_first.values()) + sum(pairs_second.values())
    dice = 2 * sum((pairs_first & pairs_second).values()) / total if total else 0.0
    return (dice + SequenceMatcher(None, first, second, autojunk=False).ratio()) / 2


def closest(question: str, known: Sequence[str]) -> int | None:
    """Index of the known question that `question` most likely means, or None when none is close enough.

    Politeness, particles, question words and punctuation are left aside. The rest is compared by single characters and
    pairs; the rarer one is among the known questions, the more it says (补考 more than 考试).
    """
    asked = _grams(question)
    candidates = [_grams(candidate) for candidate in known]
    spread = Counter(gram for candidate in candidates for gram in candidate)
    weights = {gram: len(gram) * log(1 + (len(known) + 1) / (spread[gram] or 1)) for gram in asked}
    best, best_score = None, (0.0, 0.0)
    for index, candidate in enumerate(candidates):
        shared = sum(weights[gram] for gram in asked & candidate)
        score = (shared / sum(weights.values()) if shared else 0.0, likeness(question, known[index]))
        if score > best_score:
            best, best_score = index, score
    return best if best_score[0] >= CLOSE_ENOUGH else None


def _pairs(text: str) -> Counter[str]:
    return Counter(text[i : i + 2] for i in range(len(text) - 1))


def _grams(text: str) -> frozenset[str]:
    """The single characters and pairs that say what a question is about; everything when nothing else is left."""
    letters = "".join(c for c in fold(text) if unicodedata.category(c)[0] in "LN")
    parts = [part for part in _FILLERS.split(letters) if part] or [letters]
    return frozenset(gram for part in parts for gram in (*part, *_pairs(part)))
