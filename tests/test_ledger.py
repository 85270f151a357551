"""The coverage table is what the tests say."""

from tests import ledger

#: Ids that no test shows yet; docs/roadmap.md says what they wait for.
WAITING: list[str] = []


def test_every_id_of_the_ledger_is_shown_by_a_test_but_for_those_that_wait() -> None:
    assert len(ledger.rules()) == 55
    assert ledger.missing() == WAITING


def test_the_coverage_table_is_up_to_date() -> None:
    assert ledger.TABLE.read_text(encoding="utf-8") == ledger.table(), "run: python -m tests.ledger"


def test_no_test_quotes_an_id_that_the_ledger_does_not_have() -> None:
    assert sorted(set(ledger.shown()) - set(ledger.rules())) == []
