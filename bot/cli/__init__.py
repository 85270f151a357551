"""The command line: one small module per command group. It calls the same services as the console.

Every command reads its settings from the environment, prints for people or, with `--json`, one document for programs,
and ends with one line and exit code 1 when something is wrong.
"""
