"""Names one slip away."""

import os
import subprocess
import sys

PROGRAM = """
from diachiso.geocode.slips import SlipIndex
keys = ["tanan", "tanam", "tanac", "tana", "tatan", "tanang", "tansan", "thanan", "taan", "anan"]
print(list(SlipIndex(keys).near("tanan")))
"""


def test_the_order_is_the_same_in_every_process():
    told = {
        subprocess.run(  # noqa: S603 (our own words)
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(1, 5)
    }
    assert len(told) == 1
