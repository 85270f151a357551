"""Cards 证卡 (D7, D9): who passed is reported by 市, numbered by 省, made and handed out by 市 (省 for its own people).

From the numbering on a card has a certificate, which is its paper, its number, its link for strangers and what its
holder sees in the chat. `service` takes it from the result to the hand, `register` finds it, `copies` prints it anew under
its number, `expiring` reminds of its last day, `cancelling` takes a qualification away, `ending` ends what is under way
then, `bars` says who may not come back.
"""

from services.cards.cancelling import CancellationService
from services.cards.copies import CopyService
from services.cards.models import CancellationView, CardPage, CardView, Passed
from services.cards.register import CardRegister
from services.cards.service import CardService
from storage.card_states import CancellationState, CardState, CopyCause
from storage.repositories.cards import STANDING

__all__ = [
    "STANDING",
    "CancellationService",
    "CancellationState",
    "CancellationView",
    "CardPage",
    "CardRegister",
    "CardService",
    "CardState",
    "CardView",
    "CopyCause",
    "CopyService",
    "Passed",
]
