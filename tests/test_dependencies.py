"""The page about dependencies tells of the versions that are locked."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_page_names_the_versions_of_the_lock_file():
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    locked = {each["name"]: each["version"] for each in packages if "version" in each}
    rows = re.findall(r"^\| ([a-z0-9, -]+) \| (\d[0-9a-z., ]*) \|", (ROOT / "docs/dependencies.md").read_text(), re.M)
    named = {
        name: version
        for names, versions in rows
        for name, version in zip(names.split(", "), versions.split(", "), strict=True)
    }
    assert len(named) > 25
    assert named == {name: locked.get(name) for name in named}
