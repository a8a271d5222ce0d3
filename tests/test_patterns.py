"""No pattern of ours reads the same in two ways again and again: each time would double the work.

Texts are made from the parsed patterns: what a pattern repeats comes thirty times over, then
something that does not belong there. An endless search gives up after seconds of processor time;
all others take microseconds.
"""

import importlib
import pkgutil
import re
import signal
from random import Random
from re import _constants as of, _parser as parser  # there is no other parser of such patterns
from types import BuiltinMethodType

import pytest

import diachiso

OFTEN, AGAIN = 8, 30
"""What a pattern allows more often than that comes so many times."""
TRIALS, GIVE_UP_S = 25, 2.0
ENDS = ("", "/", "\x01", "z", "4", ",x", "/,")
REPEATS = (of.MAX_REPEAT, of.MIN_REPEAT, of.POSSESSIVE_REPEAT)
OF_A_CATEGORY = {of.CATEGORY_DIGIT: "4", of.CATEGORY_SPACE: " ", of.CATEGORY_NOT_WORD: "-"}
DEEP = 4


def patterns_of_all():
    for found in pkgutil.walk_packages(diachiso.__path__, "diachiso."):
        if not found.name.endswith("__main__"):
            for value in vars(importlib.import_module(found.name)).values():
                yield from patterns_in(value)


def patterns_in(value, depth=0):
    """The patterns that a value holds: itself, its method, or those within a tuple or table."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, BuiltinMethodType) and isinstance(value.__self__, re.Pattern):
        yield value.__self__
    elif isinstance(value, dict) and depth < DEEP:
        yield from patterns_in(tuple(value.values()), depth)
    elif isinstance(value, (tuple, list, frozenset)) and depth < DEEP:
        for one in value:
            yield from patterns_in(one, depth + 1)


PATTERNS = {(one.pattern, one.flags): one for one in patterns_of_all() if type(one.pattern) is str}


def repeated(tree):
    """The parts of a pattern that it allows often."""
    for op, value in tree:
        if op in REPEATS:
            _, most, part = value
            if most is of.MAXREPEAT or most > OFTEN:
                yield part
            yield from repeated(part)
        elif op is of.BRANCH:
            for branch in value[1]:
                yield from repeated(branch)
        elif op in (of.SUBPATTERN, of.ATOMIC_GROUP):
            yield from repeated(inside(op, value))


def inside(op, value):
    return value[3] if op is of.SUBPATTERN else value


class Writer:
    """Writes what a pattern looks for, with one part of it again and again."""

    def __init__(self, rng, part):
        self.rng, self.part = rng, part

    def written(self, tree):
        return "".join(self.one(op, value) for op, value in tree)

    def one(self, op, value):
        match op:
            case of.LITERAL:
                return chr(value)
            case of.NOT_LITERAL | of.ANY:
                return self.rng.choice("a1 ,/")
            case of.IN:
                return self.letter(value)
            case of.BRANCH:
                return self.written(self.rng.choice(value[1]))
            case of.SUBPATTERN | of.ATOMIC_GROUP:
                return self.written(inside(op, value))
        return self.repeat(*value) if op in REPEATS else ""  # the rest takes no letter

    def repeat(self, least, most, part):
        if part is self.part and self.rng.random() < 1 / 2:
            return self.written(part) * AGAIN
        times = AGAIN if part is self.part else min(least + self.rng.randint(0, 1), int(most))
        return "".join(self.written(part) for _ in range(times))

    def letter(self, among):
        if among[0][0] is of.NEGATE:
            return self.rng.choice("ab1 .x")
        op, value = self.rng.choice(among)
        if op is of.RANGE:
            return chr(self.rng.randint(*value))
        return chr(value) if op is of.LITERAL else OF_A_CATEGORY.get(value, "a")


def texts_for(pattern):
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    rng = Random(pattern.pattern)
    for part in repeated(tree):
        for _ in range(TRIALS):
            text = Writer(rng, part).written(tree)
            yield from (text + end for end in ENDS)


class EndlessError(Exception):
    pass


def give_up(*_):
    raise EndlessError


@pytest.fixture
def comes_to_an_end():
    def comes_to_an_end(pattern):
        signal.setitimer(signal.ITIMER_VIRTUAL, GIVE_UP_S)
        try:
            for text in texts_for(pattern):
                pattern.search(text)
                pattern.fullmatch(text)
        except EndlessError:
            return False
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return True

    before = signal.signal(signal.SIGVTALRM, give_up)
    yield comes_to_an_end
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=[one[0][:40] for one in PATTERNS])
def test_a_pattern_comes_to_an_end(comes_to_an_end, pattern):
    assert comes_to_an_end(pattern)


@pytest.mark.parametrize("endless", [r"(?:/(?:[a-z]?\d|[a-z]\d?))*!", r"(?:\s\d+\w?)*!", r"(a+)+!"])
def test_an_endless_pattern_is_noticed(comes_to_an_end, endless):
    assert not comes_to_an_end(re.compile(endless))


def test_the_patterns_of_numbers_and_lines_are_among_them():
    assert any("xuyec" in pattern for pattern, _ in PATTERNS)
    assert any("ngach" in pattern for pattern, _ in PATTERNS)
