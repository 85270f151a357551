"""Printed forms: a draft's answers on the source's own form, to be signed, sealed and photographed (D5, D6, D8, E3).

`content` builds the form and its code from answers (pure), `service` gives the address of one and prints it, `checking`
says whether a photographed form was printed before its answers changed.
"""

from services.printing.checking import FormCheck, OutdatedForm, check_forms, outdated_forms
from services.printing.service import Prepared, PrintingService, print_link

__all__ = [
    "FormCheck",
    "OutdatedForm",
    "Prepared",
    "PrintingService",
    "check_forms",
    "outdated_forms",
    "print_link",
]
