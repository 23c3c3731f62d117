"""The site as an app: its manifest, its service worker, its page without a network."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import deliver, octets_of
from webmail.bundles import STYLE_FILES

pytestmark = pytest.mark.django_db


def lying_at(url: str) -> Path:
    """The static file that a URL without a hash names; of a bundle, its first source."""
    path = url.removeprefix("/static/")
    return settings.BASE_DIR / "static" / STYLE_FILES.get(path, [path])[0]


@pytest.mark.parametrize("path", ["/manifest.webmanifest", "/worker.js", "/offline/"])
def test_is_there_for_everybody_and_holds_nothing_of_anybody(client: Client, account, alice, path):
    deliver(account, octets_of("Private"))
    assert client.get(path).status_code == 200
    client.force_login(alice)
    page = client.get(path).content.decode()
    assert all(word not in page for word in ("Private", "alice", account.key))
    assert client.post(path).status_code == 405


def test_the_manifest_names_icons_that_are_there(client: Client):
    response = client.get("/manifest.webmanifest")
    manifest = json.loads(response.content)
    assert response.headers["Content-Type"] == "application/manifest+json"
    icons = [*manifest["icons"], *(icon for each in manifest["shortcuts"] for icon in each["icons"])]
    assert all(lying_at(icon["src"]).is_file() for icon in icons)
    assert {(icon.get("purpose"), icon["sizes"]) for icon in manifest["icons"]} >= {
        ("any", "192x192"),
        ("any", "512x512"),
        ("maskable", "512x512"),
    }


def test_the_manifest_leads_to_pages_that_are_there(client: Client, alice):
    manifest = json.loads(client.get("/manifest.webmanifest").content)
    client.force_login(alice)
    for url in (manifest["start_url"], *(each["url"] for each in manifest["shortcuts"])):
        assert client.get(url).status_code == 200


def test_the_worker_may_look_after_the_whole_site_and_is_looked_for_again(client: Client):
    response = client.get("/worker.js")
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert "max-age=3600" in response.headers["Cache-Control"]
    # The policy of the worker is that of its script.
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_the_worker_keeps_the_offline_page_with_its_files_and_nothing_else(client: Client):
    script = client.get("/worker.js").content.decode()
    shell = json.loads(re.findall(r"self\.shell = (\{.*?\});", script)[0])
    page = client.get("/offline/").content.decode()
    assert shell["page"] == "/offline/"
    assert set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)) == set(shell["files"])
    assert all(url.startswith("/static/") and lying_at(url).is_file() for url in shell["files"])


def test_the_worker_changes_with_the_page_it_keeps(client: Client):
    english = client.get("/worker.js", headers={"Accept-Language": "en"}).content
    assert client.get("/worker.js", headers={"Accept-Language": "en"}).content == english
    client.cookies["django_language"] = "ja"
    japanese = client.get("/worker.js").content
    assert japanese != english
    assert b'addEventListener("fetch"' in japanese


def test_every_page_names_the_manifest(client: Client, alice):
    assert 'rel="manifest"' in client.get("/account/login/").content.decode()
    client.force_login(alice)
    assert 'rel="manifest"' in client.get("/").content.decode()
