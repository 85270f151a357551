"""Study 学习: classes, study records, the import of hours, and what reaching them leads to."""
