"""Which state may follow which, and which audit entry stands for it: written down once more, apart from the services."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from storage.tables import AuditEntry
from tests.walks.movements import Move

Edge = tuple[str, str, str]

#: Actions that stand for exactly one of these edges each: as many entries as moves, of the same enrolment.
LEADS: Final[Mapping[str, frozenset[Edge]]] = {
    action: frozenset(edges)
    for action, edges in {
        "enrolment.begun": [("enrolment", "", "draft")],
        "enrolment.submitted": [("enrolment", "draft", "in_review"), ("enrolment", "returned", "in_review")],
        "enrolment.withdrawn": [
            ("enrolment", state, "withdrawn") for state in ("draft", "returned", "in_review")
        ],
        "enrolment.blocked": [
            ("enrolment", state, "blocked") for state in ("draft", "returned", "in_review")
        ],
        "enrolment.approved": [("stage", "waiting", "approved")],
        "enrolment.returned": [("stage", "waiting", "returned")],
        "enrolment.rejected": [("stage", "waiting", "rejected")],
        "enrolment.login_refused": [("stage", "waiting", "rejected")],
        "enrolment.forwarded": [("stage", "waiting", "forwarded")],
        "payment.confirmed": [("payment", state, "confirmed") for state in ("due", "claimed", "short")],
        "payment.refunded": [("payment", state, "refunded") for state in ("claimed", "short", "confirmed")],
        "seat.booked": [("seat", "", "booked")],
        "seat.waitlisted": [("seat", "", "waitlisted")],
        "seat.filled": [("seat", "waitlisted", "booked")],
        "seat.checked_in": [("seat", "booked", "checked_in")],
        "seat.released": [
            ("seat", state, "void") for state in ("booked", "waitlisted", "checked_in", "absent")
        ],
        "seat.rebooked": [("seat", "absent", "void")],
        "seat.absent": [("seat", state, "absent") for state in ("booked", "checked_in")],
        "result.scored": [("result", "", "scored")],
        "result.changed": [("result", "", "scored")],
        "result.approved": [("result", "scored", "approved")],
        "result.published": [("result", "approved", "published")],
        "certificate.issued": [("certificate", "", "valid")],
        "certificate.suspended": [("certificate", "valid", "suspended")],
        "certificate.restored": [("certificate", "suspended", "valid")],
        "certificate.revoked": [("certificate", state, "revoked") for state in ("valid", "suspended")],
        "card.reported": [("card", "", "awaiting_number")],
        "card.numbered": [("card", "awaiting_number", "numbered")],
        "card.made": [("card", "numbered", "made")],
        "card.handed_out": [("card", "made", "handed_out")],
        "card.cancelled": [
            ("card", state, "cancelled") for state in ("awaiting_number", "numbered", "made", "handed_out")
        ],
        "card.cancelled_for_ever": [
            ("card", state, "cancelled_for_ever")
            for state in ("awaiting_number", "numbered", "made", "handed_out", "cancelled")
        ],
        "cancellation.proposed": [("cancellation", "", "proposed")],
        "cancellation.declined": [("cancellation", "proposed", "declined")],
        "appointment.made": [("appointment", "", "active")],
        "appointment.suspended": [("appointment", "active", "suspended")],
        "appointment.restored": [("appointment", "suspended", "active")],
        "appointment.ended": [("appointment", state, "ended") for state in ("active", "suspended")],
        "blacklist.proposed": [("blacklist", "", "proposed")],
        "blacklist.confirmed": [("blacklist", "proposed", "confirmed")],
        "blacklist.dismissed": [("blacklist", "proposed", "dismissed")],
        "blacklist.lifted": [("blacklist", "confirmed", "lifted")],
        "sitting.added": [("sitting", "", "open")],
        "sitting.cancelled": [("sitting", "open", "cancelled")],
    }.items()
}
#: Edges that follow from something else: only together with one of these entries.
FOLLOWS: Final[Mapping[Edge, frozenset[str]]] = {
    edge: frozenset(actions)
    for edge, actions in {
        ("enrolment", "in_review", "admitted"): ["enrolment.approved"],
        # Where appointment is the end of it, nothing is admitted to anything (E5); a refused login ends it as well (E6).
        ("enrolment", "in_review", "concluded"): ["enrolment.approved", "enrolment.login_refused"],
        ("enrolment", "in_review", "returned"): ["enrolment.returned"],
        ("enrolment", "in_review", "rejected"): ["enrolment.rejected"],
        # One application, one verification, one result (B2).
        ("enrolment", "admitted", "concluded"): ["result.published"],
        ("stage", "", "waiting"): ["enrolment.submitted", "enrolment.approved", "enrolment.forwarded"],
        ("stage", "waiting", "ended"): ["enrolment.withdrawn", "enrolment.blocked"],
        ("payment", "", "due"): ["enrolment.approved", "class.joined"],
        ("payment", "due", ""): ["payment.dropped"],
        # Telling of a transfer and counting one that is too small can be repeated without a move.
        ("payment", "due", "claimed"): ["payment.claimed"],
        ("payment", "short", "claimed"): ["payment.claimed"],
        ("payment", "due", "short"): ["payment.short"],
        ("payment", "claimed", "short"): ["payment.short"],
        ("seat", "booked", "void"): ["seat.voided"],
        ("seat", "checked_in", "void"): ["seat.voided"],
        ("seat", "waitlisted", "void"): ["seat.voided"],
        ("seat", "absent", "void"): ["seat.voided"],
        ("seat", "booked", "sat"): ["result.published"],
        ("seat", "checked_in", "sat"): ["result.published"],
        # A score came in after all.
        ("seat", "booked", "checked_in"): ["result.scored", "result.changed"],
        ("seat", "absent", "checked_in"): ["result.scored", "result.changed"],
        ("seat", "void", "checked_in"): ["result.scored", "result.changed"],
        ("seat", "void", "absent"): ["seat.absent"],
        ("result", "scored", "superseded"): ["result.changed", "seat.absent", "seat.voided"],
        ("result", "approved", "superseded"): ["result.changed", "seat.absent", "seat.voided"],
        ("cancellation", "", "confirmed"): ["card.cancelled"],
        ("cancellation", "proposed", "confirmed"): ["card.cancelled_for_ever"],
    }.items()
}


def faults(moved: Sequence[Move], logged: Sequence[AuditEntry]) -> list[str]:
    """What was not allowed, or is not in the audit log, or is there and did not happen; empty when all is well."""
    actions = {entry.action for entry in logged}
    found = [
        f"{move.kind} went from {move.before or 'nothing'} to {move.after or 'nothing'}, logged: {sorted(actions)}"
        for move in moved
        if not any(actions & {action} for action, edges in LEADS.items() if move.edge in edges)
        and not FOLLOWS.get(move.edge, frozenset()) & actions
    ]
    by_lead = Counter(
        (action, str(move.subject))
        for move in moved
        for action, edges in LEADS.items()
        if move.edge in edges and action in actions
    )
    entries = Counter((entry.action, entry.subject_id) for entry in logged if entry.action in LEADS)
    for key in by_lead.keys() | entries.keys():
        if by_lead[key] != entries[key]:
            found.append(f"{key[0]} of {key[1]}: {by_lead[key]} moves, {entries[key]} entries")
    return found
