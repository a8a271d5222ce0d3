"""What the known numbers of a street say of others: worked out beforehand, as by the textbook."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from diachiso.geocode import score
from diachiso.geocode.pace import MOST_KNOWN, learnt

NUMBERS = st.integers(min_value=1, max_value=900)
KNOWN = st.dictionaries(NUMBERS, st.floats(-40, 40), max_size=12)


def shared(one, other):
    """How much the distances of two numbers vary together: what the model says of them."""
    lesser = min(one, other)
    together = score.FIRST_SPREAD_M**2 + score.WALK_M**2 * lesser
    together += score.PACE_SPREAD_M**2 * one * other
    if one % 2 == other % 2:
        together += score.SIDE_SPREAD_M**2 + score.SIDE_WALK_M**2 * lesser
    return together


def usual(number):
    return score.FIRST_NUMBER_M + score.PACE_M * number


def by_the_textbook(known, number):
    """The mean and the standard error of a Gaussian process at one number."""
    numbers = sorted(known)
    seen = np.array([[shared(one, other) for other in numbers] for one in numbers])
    seen += np.eye(len(numbers)) * score.KNOWN_SPREAD_M**2
    to = np.array([shared(number, one) for one in numbers])
    off = np.array([known[one] - usual(one) for one in numbers])
    weights = np.linalg.solve(seen, to)
    spread = shared(number, number) - weights @ to + score.KNOWN_SPREAD_M**2
    return usual(number) + weights @ off, np.sqrt(spread)


def arrays(known):
    numbers = sorted(known)
    return np.array(numbers, dtype=float), np.array([known[n] for n in numbers], dtype=float)


@settings(max_examples=200)
@given(KNOWN, NUMBERS)
def test_a_number_is_as_far_and_as_sure_as_the_textbook_has_it(off, number):
    known = {n: usual(n) + metres for n, metres in off.items()}
    pace = learnt(*arrays(known)).pace
    assert list(pace.numbers) == sorted(known), "none is left out for so little"
    for asked in (number, *known):
        expected = by_the_textbook(known, asked) if known else (usual(asked), None)
        told = pace.distance(asked)
        assert told[0] == pytest.approx(expected[0], abs=1e-6)
        if known:
            assert told[1] == pytest.approx(expected[1], rel=1e-6)


def test_the_other_end_shares_what_does_not_depend_on_the_distances():
    numbers, distances = arrays({n: usual(n) + n % 7 for n in range(1, 200, 9)})
    one = learnt(numbers, distances)
    other = learnt(numbers, 800.0 - distances, one)
    alone = learnt(numbers, 800.0 - distances)
    assert other.pace.parabolas is one.pace.parabolas
    assert other.pace.distance(77) == alone.pace.distance(77)
    assert other.evidence == alone.evidence < one.evidence, "numbers rise from this end"


def test_the_pieces_meet_at_the_known_numbers():
    known = {n: usual(n) + 3 * (n % 5) for n in (2, 15, 16, 40, 41, 90)}
    pace = learnt(*arrays(known)).pace
    for side in (0, 1):
        told = [pace.distance(n)[0] for n in range(side, 120, 2)]
        assert max(abs(later - sooner) for sooner, later in pairwise(told)) < 10 * score.PACE_M


def test_of_very_many_known_numbers_some_are_used():
    numbers = np.arange(1.0, 500.0)
    assert len(learnt(numbers, 3.3 * numbers).pace.numbers) == MOST_KNOWN
