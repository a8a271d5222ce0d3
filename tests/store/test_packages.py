import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from diachiso.address.errors import UnreadableSource
from diachiso.store.packages import fetch, read_manifest

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = CHECKOUT / "data" / "boundaries"
CONTENT = b"[]"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def sdist(member):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        entry = tarfile.TarInfo(member)
        entry.size = len(CONTENT)
        tar.addfile(entry, io.BytesIO(CONTENT))
    return packed.getvalue()


def wheel(member):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(member, CONTENT)
    return packed.getvalue()


class Registry:
    """Serves one distribution file, and counts how often it was asked."""

    def __init__(self, name, content):
        self.name, self.content, self.asked = name, content, 0

    def __call__(self, _requirements, into):
        self.asked += 1
        (into / self.name).write_bytes(self.content)


@pytest.fixture(
    params=[("old-1.tar.gz", sdist), ("old-1-py3-none-any.whl", wheel)], ids=["sdist", "wheel"]
)
def registry(request):
    name, pack = request.param
    return Registry(name, pack("old-1/data/wards.json"))


@pytest.fixture
def manifest(registry, tmp_path):
    return write_manifest(tmp_path, registry, CONTENT)


def write_manifest(folder, registry, content):
    file = folder / "manifest.toml"
    file.write_text(
        f"""
        [[package]]
        name = "old"
        version = "1"
        file = "{registry.name}"
        sha256 = "{sha256(registry.content)}"
        licence = "ODbL 1.0"
        attribution = "someone"
        members = [
          {{ path = "old-1/data/wards.json", to = "old/wards.json", sha256 = "{sha256(content)}" }},
        ]
        """,
        encoding="utf-8",
    )
    return file


def test_only_the_members_that_are_named_are_unpacked(manifest, registry, tmp_path):
    (package,) = fetch(manifest, Path(), tmp_path / "packages", download=registry)
    found = [path for path in (tmp_path / "packages").rglob("*") if path.is_file()]
    assert found == [tmp_path / "packages" / "old" / "wards.json"]
    assert found[0].read_bytes() == CONTENT
    assert package.attribution == "someone"


def test_what_is_there_already_is_not_fetched_again(manifest, registry, tmp_path):
    for _ in range(2):
        fetch(manifest, Path(), tmp_path / "packages", download=registry)
    assert registry.asked == 1


def test_what_was_altered_is_fetched_again(manifest, registry, tmp_path):
    fetch(manifest, Path(), tmp_path / "packages", download=registry)
    (tmp_path / "packages" / "old" / "wards.json").write_bytes(b"[1]")
    fetch(manifest, Path(), tmp_path / "packages", download=registry)
    assert (tmp_path / "packages" / "old" / "wards.json").read_bytes() == CONTENT


def test_a_distribution_other_than_the_pinned_one_is_refused(manifest, registry, tmp_path):
    registry.content += b"more"
    with pytest.raises(UnreadableSource, match="pins"):
        fetch(manifest, Path(), tmp_path / "packages", download=registry)


def test_a_member_other_than_the_pinned_one_is_refused(registry, tmp_path):
    manifest = write_manifest(tmp_path, registry, b"something else")
    with pytest.raises(UnreadableSource, match=r"wards\.json"):
        fetch(manifest, Path(), tmp_path / "packages", download=registry)
    assert not (tmp_path / "packages" / "old" / "wards.json").exists()


def test_a_manifest_that_is_none_is_said(tmp_path):
    (tmp_path / "manifest.toml").write_text("[package", encoding="utf-8")
    with pytest.raises(UnreadableSource, match=r"manifest\.toml"):
        read_manifest(tmp_path / "manifest.toml")


def test_the_requirements_pin_what_the_manifest_says():
    pinned = (SOURCES / "requirements.txt").read_text("utf-8")
    for package in read_manifest(SOURCES / "manifest.toml"):
        assert f"{package.name}=={package.version}" in pinned
        assert f"--hash=sha256:{package.sha256}" in pinned
