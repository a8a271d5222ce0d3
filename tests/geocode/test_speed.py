"""What is done for speed changes no answer, and no order that chance would decide."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, strategies as st

from diachiso.address import number
from diachiso.address.number import HouseNumber
from diachiso.geocode.normalize import LONGEST_TEXT, normalize
from diachiso.geocode.slips import SlipIndex
from diachiso.geocode.syllable import Cutter
from diachiso.geocode.words import Gap, words_of

PART = st.from_regex(r"\A[0-9]{1,5}[A-Za-z]?\Z")
NEAR = (
    "from diachiso.geocode.slips import SlipIndex\n"
    "print(SlipIndex(['thinh', 'linh', 'binh', 'ninh', 'tinh', 'vinh', 'kinh']).near('inh'))\n"
)


@given(parts=st.lists(PART, min_size=1, max_size=6))
def test_a_plain_number_is_read_as_by_the_whole_grammar(parts):
    written = "/".join(parts)
    at_once = HouseNumber.parse(written)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(number, "PLAIN", number.re.compile(r"(?!)"))
        assert at_once == HouseNumber.parse(written)


def test_a_text_whose_signs_grow_is_cut_again():
    swelling = "\ufdfa\uff01" * LONGEST_TEXT
    assert len(normalize(swelling).text) <= LONGEST_TEXT + 1


def test_names_near_by_come_in_the_same_order_in_every_process():
    told = {
        subprocess.run(  # noqa: S603 (this very Python, on words of ours)
            [sys.executable, "-c", NEAR],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(told) == 1


def test_a_name_itself_is_not_near_and_two_slips_are_too_many():
    index = SlipIndex(["hangbong", "hangbac"])
    assert index.near("hangbong") == ()
    assert index.near("hangbon") == ("hangbong",)
    assert index.near("hagbon") == ()


def test_glued_words_keep_their_places_in_the_text():
    words = words_of("Tổ 5, xãđônganh", Cutter(["dong anh"], heads=["xa"]))
    written = [words.written(at, at + 1) for at in range(len(words))]
    assert written == ["Tổ", "5", "xã", "đông", "anh"]
    assert words.gaps == (Gap.GLUED, Gap.SPACE, Gap.HARD, Gap.GLUED, Gap.GLUED)
