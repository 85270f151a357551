"""Exams 考试: sittings, seats, the roll, scores and results."""
