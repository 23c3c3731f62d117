"""What is done before the first reader comes."""

from typing import cast

import pytest
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.template.loaders.cached import Loader
from django.test import Client

from accounts.models import MailAccount, User
from webmail.warming import warm


@pytest.mark.django_db
def test_the_first_page_compiles_no_template_of_ours(client: Client, alice: User, account: MailAccount, settings):
    [loader] = cast("DjangoTemplates", engines["django"]).engine.template_loaders
    cached = cast("Loader", loader)
    cached.reset()
    warm()
    known = set(cached.get_template_cache)
    client.force_login(alice)
    assert client.get("/").status_code == 200
    compiled = {
        name for name in set(cached.get_template_cache) - known if (settings.BASE_DIR / "templates" / name).exists()
    }
    assert compiled == set()
