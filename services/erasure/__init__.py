"""Erasure 删除我的数据: what a person may have deleted, what a duty keeps and until when, and who carries it out (C11).

The person is told first, looks twice, and asks. Drafts and what nobody ever looked at go at once; what a duty keeps is
restricted at once: it is in no list and no export, and opening it takes a reason that is logged. What was handed in and
is kept by no duty is deleted by two people. The outcome is told. Papers that were issued keep verifying.
"""

from services.erasure.asking import AskingService
from services.erasure.carrying import carry_out, carry_out_again, delete_files, follow
from services.erasure.models import Asked, ErasureDetail, ErasureLine, ErasurePage, ErasurePart, Holding
from services.erasure.service import ErasureService

__all__ = [
    "Asked",
    "AskingService",
    "ErasureDetail",
    "ErasureLine",
    "ErasurePage",
    "ErasurePart",
    "ErasureService",
    "Holding",
    "carry_out",
    "carry_out_again",
    "delete_files",
    "follow",
]
