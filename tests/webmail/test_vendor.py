"""What stands in static/vendor is what its authors published, named with version and licence."""

import json
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
WORKS = json.loads((VENDOR / "manifest.json").read_text())


def test_every_file_has_the_checksum_of_the_manifest():
    named = {name: checksum for work in WORKS for name, checksum in work["files"].items()}
    found = {
        str(path.relative_to(VENDOR)): sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }

    assert found == named


def test_every_work_comes_with_its_licence_and_stands_in_the_notice():
    notice = (ROOT / "NOTICE").read_text()

    for work in WORKS:
        assert any(name.endswith("/LICENSE") for name in work["files"])
        assert f"{work['name']} {work['version']}" in notice
        assert work["licence"] in notice
