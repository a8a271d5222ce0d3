"""What stays in memory is moved into large pages, where the kernel has them.

A text looks here and there into some hundred megabytes; with pages of 4 kB the processor does not
know where most of them are, and looks that up first. Linux gathers pages of 2 MB for a process that
asks (madvise(2): MADV_HUGEPAGE, and MADV_COLLAPSE at once since 6.1). Elsewhere nothing is done.
"""

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

LARGE = 2 * 1024 * 1024
MADV_HUGEPAGE, MADV_COLLAPSE = 14, 25
ENABLED = Path("/sys/kernel/mm/transparent_hugepage/enabled")
MAPPED = Path("/proc/self/smaps")
STRETCH = re.compile(
    r"^(?P<first>[0-9a-f]+)-(?P<last>[0-9a-f]+) rw-p \S+ \S+ 0 *(?:\[heap\])?\n"
    r"Size: +(?P<size>\d+) kB\n(?:(?!Rss).*\n)*Rss: +(?P<used>\d+) kB\n",
    re.MULTILINE,
)
"""A stretch of a process's own memory in the kernel's list (proc(5))."""
FULL = 0.9
"""A stretch less used than this is a thread's stack, or waits to be used: pages would fill it."""


def keep_in_large_pages() -> None:
    """Ask for large pages for all that this process holds now; it takes a second or two.

    Other threads go on meanwhile. What the kernel cannot do is left as it is, and all of it where
    the operator wants no large pages (`never`, which MADV_COLLAPSE alone would not heed).
    """
    try:
        mapped, enabled = MAPPED.read_text("utf-8", "replace"), ENABLED.read_text("ascii")
    except OSError:
        return
    if "[never]" in enabled:
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for begin, end in stretches(mapped):
        madvise(begin, end - begin, MADV_HUGEPAGE)
        madvise(begin, end - begin, MADV_COLLAPSE)


def stretches(mapped: str) -> Iterator[tuple[int, int]]:
    """The whole large pages within the stretches of a process's own memory that are in use."""
    for one in STRETCH.finditer(mapped):
        begin = -(-int(one["first"], 16) // LARGE) * LARGE
        end = int(one["last"], 16) // LARGE * LARGE
        if begin < end and int(one["used"]) >= FULL * int(one["size"]):
            yield begin, end
