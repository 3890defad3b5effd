"""What the dashboard loads in the browser is what its sources make, asks no other machine, and names whose it is."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

from tests.support.kafka.settings import repository
from tests.support.needs import missing

WEB = repository() / "monitoring" / "web"
STATIC, ASSETS = WEB / "static", WEB / "assets"
MANIFEST = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
MOST_BYTES = 3_000_000
OUT_OF_REACH = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH")


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_files_are_those_of_the_manifest() -> None:
    """Each with its SHA-256, none more, and small enough to live with."""
    found = files_of(STATIC)
    found.pop("manifest.json")
    assert {name: hashlib.sha256(content).hexdigest() for name, content in found.items()} == MANIFEST["sha256"]
    assert sum(map(len, found.values())) < MOST_BYTES


def test_no_file_asks_another_machine() -> None:
    """No style sheet names an address elsewhere, and nothing asks for a map of its source."""
    for name, content in files_of(STATIC).items():
        if name.endswith((".css", ".js")):
            text = content.decode()
            assert "sourceMappingURL" not in text, name
            assert not (name.endswith(".css") and re.search(r"url\(\s*[\"']?(https?:)?//|@import", text)), name


def test_every_package_is_named_with_its_licence() -> None:
    """What is bundled stands in THIRD_PARTY.md; bpmn.io's condition, and Plex's reserved name, among it."""
    text = (STATIC / "THIRD_PARTY.md").read_text(encoding="utf-8")
    for name, version in MANIFEST["packages"].items():
        assert f"## {name} {version}: " in text
    assert "watermark must stay fully visible" in text
    assert "Reserved Font Name" in text


def test_the_lock_names_no_registry() -> None:
    """Whoever builds takes the packages from where they take packages; their contents are fixed by hash."""
    lock = json.loads((ASSETS / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert [name for name, each in packages.items() if "resolved" in each] == []
    assert [name for name, each in packages.items() if "integrity" not in each] == []


def test_the_sources_make_just_these_files(tmp_path: Path) -> None:
    """Built anew with the locked packages, every file is the same to the byte."""
    npm = shutil.which("npm")
    if npm is None:
        missing("no npm: what the browser loads is not built anew")
    built = tmp_path / "assets"
    shutil.copytree(ASSETS, built, ignore=shutil.ignore_patterns("node_modules"))
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    installed = subprocess.run(install, cwd=built, capture_output=True, text=True, timeout=300, check=False)
    if installed.returncode and OUT_OF_REACH.search(installed.stderr):
        missing("no package registry: what the browser loads is not built anew")
    assert installed.returncode == 0, installed.stderr
    subprocess.run([npm, "run", "build", "--", str(tmp_path / "static")], cwd=built, check=True, timeout=120)
    made, kept = files_of(tmp_path / "static"), files_of(STATIC)
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []
