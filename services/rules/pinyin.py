"""Pinyin of single characters, without the dictionary of phrases.

Names and labels are read character by character here, with every reading each may have; the phrases would only take
another 38 MB of memory.
"""

import os

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, lazy_pinyin, pinyin

__all__ = ["Style", "lazy_pinyin", "pinyin"]
