"""What gets installed is pinned by hash, and no file says where from."""

from __future__ import annotations

import json
import re
from itertools import chain

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT, committed_files, project

PYTHON_LOCKS = ["requirements.lock", "requirements-mic.lock", "requirements-server.lock"]
# Put together here, so that this file passes its own test.
REGISTRIES = ["pypi" + ".org", "python" + "hosted", "npm" + "js.", "crates" + ".io"]
MACHINE_PATHS = ["/" + "work/", "/" + "root/", "/" + "home/"]


def pins(name: str) -> dict[str, list[Requirement]]:
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "# ":
            pin = Requirement(line.rstrip("\\ "))
            found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_every_pin_has_a_version_and_a_hash(name: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8"))[1:]
    assert blocks
    for block in blocks:
        assert re.match(r"[a-z0-9._-]+==[^ ]+ ", block), block
        assert "--hash=sha256:" in block, block


def test_node_packages_have_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "protos/package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name


def test_every_dependency_is_locked_at_a_version_that_fits() -> None:
    table = project()["project"]
    locked = pins("requirements.lock") | pins("requirements-mic.lock")
    extras = table["optional-dependencies"].values()
    wanted = [*table["dependencies"], *project()["build-system"]["requires"], *chain(*extras)]
    for requirement in map(Requirement, wanted):
        pinned = locked[canonicalize_name(requirement.name)]
        for pin in pinned:
            version = str(pin.specifier).removeprefix("==")
            assert requirement.specifier.contains(version), f"{requirement} against {pin}"


def test_what_has_no_wheel_stays_out_of_the_common_lock() -> None:
    assert "pyaudio" not in pins("requirements.lock")
    assert set(pins("requirements-mic.lock")) == {"pyaudio"}


def test_a_server_runs_what_was_tested_and_no_more() -> None:
    tested = {str(pin) for pins_of_one in pins("requirements.lock").values() for pin in pins_of_one}
    served = {
        str(pin) for pins_of_one in pins("requirements-server.lock").values() for pin in pins_of_one
    }
    assert served < tested
    assert {"pytest", "mypy", "grpcio-tools"} & set(pins("requirements-server.lock")) == set()


def test_no_committed_file_names_a_registry_or_a_folder_of_this_machine() -> None:
    for path in committed_files():
        content = path.read_bytes()
        for word in REGISTRIES + MACHINE_PATHS:
            assert word.encode() not in content, f"{path.relative_to(ROOT)} has {word}"
