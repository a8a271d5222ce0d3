"""Memory that stays is moved into large pages, what is not in use is not."""

import os
import subprocess
import sys

import pytest

from diachiso.store import large_pages
from diachiso.store.large_pages import ENABLED, LARGE, MAPPED, keep_in_large_pages, stretches

AT_ONCE = (6, 1)
"""The first Linux that moves memory when it is asked to."""
SMAPS = """\
55aa00000000-55aa00002000 r-xp 00000000 fe:00 260386                     /usr/bin/python3.11
Size:                  8 kB
Rss:                   8 kB
55aa10000000-55aa10700000 rw-p 00000000 00:00 0                          [heap]
Size:               7168 kB
KernelPageSize:        4 kB
Rss:                7000 kB
7f0000100000-7f0000700000 rw-p 00000000 00:00 0\x20
Size:               6144 kB
MMUPageSize:           4 kB
Rss:                6144 kB
7f1000000000-7f1000800000 rw-p 00000000 00:00 0\x20
Size:               8192 kB
Rss:                 104 kB
7f2000000000-7f2000800000 rw-p 00200000 fe:00 260387                     /srv/some.db
Size:               8192 kB
Rss:                8192 kB
7f3000000000-7f30001ff000 rw-p 00000000 00:00 0\x20
Size:               2044 kB
Rss:                2044 kB
7ffe00000000-7ffe00400000 rw-p 00000000 00:00 0                          [stack]
Size:               4096 kB
Rss:                4096 kB
"""
MOVED = """
from diachiso.store.large_pages import MAPPED, keep_in_large_pages
kept = [bytes(400) + b"%d" % n for n in range(100_000)]
before = hash(tuple(kept))
keep_in_large_pages()
assert hash(tuple(kept)) == before
rollup = MAPPED.with_name("smaps_rollup").read_text()
print(next(line.split()[1] for line in rollup.splitlines() if line.startswith("AnonHuge")))
"""


def test_whole_pages_of_the_own_memory_in_use_are_asked_for():
    assert list(stretches(SMAPS)) == [
        (0x55AA10000000, 0x55AA10600000),  # the heap, to the last whole page
        (0x7F0000200000, 0x7F0000600000),  # from the first whole page
    ]


def test_nothing_is_asked_for_where_the_list_is_not_understood():
    assert list(stretches("")) == list(stretches("something else\nRss: 5 kB\n")) == []


@pytest.mark.parametrize("told", [None, "always madvise [never]\n"])
def test_where_the_operator_wants_none_or_nothing_is_known_none_are_asked_for(
    told, tmp_path, monkeypatch
):
    enabled = tmp_path / "enabled"
    if told:
        enabled.write_text(told)
    monkeypatch.setattr(large_pages, "ENABLED", enabled)
    monkeypatch.setattr(large_pages, "ctypes", None)
    keep_in_large_pages()


def moves_at_once():
    if not ENABLED.exists() or not MAPPED.exists() or "[never]" in ENABLED.read_text():
        return False
    return tuple(map(int, os.uname().release.split(".")[:2])) >= AT_ONCE


@pytest.mark.skipif(not moves_at_once(), reason="this kernel moves nothing at once")
def test_what_a_process_holds_is_the_same_afterwards_in_large_pages():
    told = subprocess.run(  # noqa: S603 (this very Python, on words of ours)
        [sys.executable, "-c", MOVED], capture_output=True, check=True, text=True
    )
    assert int(told.stdout) * 1024 >= LARGE
