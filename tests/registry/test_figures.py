"""Shares and months, without a database."""

from datetime import date

import pytest

from diachiso.registry.figures import Counts, Row, Speed, added, month_ends, share, told


def test_counts_add_up_and_shares_need_a_whole():
    total = added([Counts(communes=1, recorded=3, certified=1), Counts(communes=1, recorded=1)])
    assert (total.communes, total.recorded, total.certified) == (2, 4, 1)
    flat = told(Row("00070", "Phường Hoàn Kiếm", total, Speed(days_to_record=1 / 3)))
    assert (flat["certified_share"], flat["days_to_record"]) == (0.25, 0.33)
    assert flat["households_estimated"] is None
    assert share(0, 0) is None


@pytest.mark.parametrize(
    ("since", "until", "ends"),
    [
        (date(2025, 12, 5), date(2026, 2, 10), ["2025-12-31", "2026-01-31", "2026-02-10"]),
        (date(2026, 2, 1), date(2026, 2, 28), ["2026-02-28"]),
        (date(2026, 2, 1), date(2026, 2, 1), ["2026-02-01"]),
    ],
)
def test_months_end_with_the_last_day_asked_for(since, until, ends):
    assert [str(day) for day in month_ends(since, until)] == ends
