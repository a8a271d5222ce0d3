"""The keys of plates: one from run to run, given up but never taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import orjson
import pytest

from diachiso.address.code import AddressCode
from diachiso.address.errors import ExpiredPlateKey, KeyUnusable
from diachiso.registry.plate import Plate, signed, verified
from diachiso.store.plate_keys import PlateKeys, jwks, keys_in
from diachiso.store.seals import seal_of

DAY, LATER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def keys(tmp_path):
    return PlateKeys(tmp_path)


def a_text(keys, on=DAY):
    return signed(Plate(AddressCode("1102458317"), on), keys.signer(on))


def test_the_first_key_is_made_at_first_need_for_its_owner_alone(keys, tmp_path):
    assert keys.known() == ()
    assert not (tmp_path / "keys").exists()
    text = a_text(keys)
    assert verified(text, keys.known()).key.since == DAY
    assert (tmp_path / "keys" / "plate-1.pem").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_the_second_run_has_the_same_key(keys, tmp_path):
    text = a_text(keys)
    again = PlateKeys(tmp_path)
    assert again.published(LATER) == keys.published(DAY)
    assert a_text(again) == text


def test_many_at_once_make_one_key(keys):
    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(lambda _: a_text(keys), range(16)))
    assert len(texts) == 1
    assert len(keys.known()) == 1


def test_a_key_that_was_given_up_still_verifies_what_it_signed(keys, tmp_path):
    before = a_text(keys)
    keys.rotate(LATER)
    after = a_text(keys, LATER)
    assert verified(before, keys.known()).key.until == LATER
    assert verified(after, keys.known()).key.until is None
    assert len({key.id for key in keys.known()}) == 2
    assert not (tmp_path / "keys" / "plate-1.pem").exists(), "nothing more is signed with it"


def test_what_leaked_is_trusted_no_more(keys):
    before = a_text(keys)
    keys.rotate(LATER, revoke=True)
    with pytest.raises(ExpiredPlateKey):
        verified(before, keys.known())
    assert verified(a_text(keys, LATER), keys.known())


def test_what_is_published_is_a_jwk_set_that_is_read_back(keys):
    keys.rotate(DAY)
    told = orjson.loads(orjson.dumps(jwks(keys.known())))
    assert keys_in(told) == keys.known()
    assert "d" not in told["keys"][0], "no private half"
    told["keys"].append({"kty": "EC", "kid": "other"})
    assert keys_in(told) == keys.known()


def test_a_list_or_key_that_cannot_be_read_is_told(keys, tmp_path):
    a_text(keys)
    file = tmp_path / "keys" / "plates.json"
    for broken in ("{", "[]", '{"keys": []}', '{"keys": [{"diachiso": "plate", "x": "AA"}]}'):
        file.write_text(broken)
        with pytest.raises(KeyUnusable):
            keys.signer(DAY)


def test_a_lost_key_is_not_silently_another(keys, tmp_path):
    a_text(keys)
    (tmp_path / "keys" / "plate-1.pem").unlink()
    with pytest.raises(KeyUnusable):
        keys.signer(DAY)


def test_the_seal_stays_the_same(tmp_path):
    assert seal_of(tmp_path).certificate == seal_of(tmp_path).certificate
    assert (tmp_path / "keys" / "seal.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyUnusable):
        seal_of(tmp_path, tmp_path / "none.p12")
