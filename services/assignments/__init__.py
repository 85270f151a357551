"""Assignments 派遣 of those who hold a card (D9): drawn among those who may, checked when they come, counted afterwards.

`service` is what staff do, `attending` what the one who was drawn does in the chat, `drawing` the draw itself,
`releasing` what happens to it when a card is cancelled.
"""

from storage.card_states import AssignmentState, ExaminerState

__all__ = ["AssignmentState", "ExaminerState"]
