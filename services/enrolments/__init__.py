"""Enrolments 报名: applying, the documents, the review, and reminding of what was left unfinished."""
