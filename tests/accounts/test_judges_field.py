"""The names of servers that are believed about senders: what the form takes, keeps and refuses."""

import pytest
from django import forms

from accounts.forms import AccountForms
from accounts.forms.judges import JudgesField
from accounts.models import MailAccount
from accounts.providers import judges_of
from tests.accounts.conftest import unchanged

pytestmark = pytest.mark.usefixtures("resolver")


def test_takes_one_name_a_line_or_by_commas_each_once():
    typed = " MX.example.org\r\n*.example.net, mx.example.org\n"
    assert JudgesField().clean(typed) == ["mx.example.org", "*.example.net"]


def test_takes_nothing():
    assert JudgesField().clean("") == []


@pytest.mark.parametrize(
    "typed", ["<script>", "mx..example.org", "*", "*.org", "a*.example.org", "-x.example.org", "x" * 300, "mx.例.test"]
)
def test_refuses_what_names_no_server(typed):
    with pytest.raises(forms.ValidationError):
        JudgesField().clean(typed)


def test_refuses_more_than_a_provider_has():
    with pytest.raises(forms.ValidationError):
        JudgesField().clean("\n".join(f"mx{number}.example.org" for number in range(21)))


def test_the_account_keeps_what_was_typed_and_what_was_ticked(servers):
    data = unchanged(trusted_servers="mx.example.org", trusted_offer="mx.home.test")
    forms_ = AccountForms(MailAccount.objects.get(pk=servers.pk), data)
    assert forms_.is_valid()
    forms_.save()
    account = MailAccount.objects.get(pk=servers.pk)
    assert account.trusted_servers == ["mx.example.org", "mx.home.test"]
    assert "mx.example.org\nmx.home.test</textarea>" in str(AccountForms(account).about["trusted_servers"])


def test_knows_how_large_providers_sign():
    assert judges_of("pop.gmail.com") == {"mx.google.com"}
    assert judges_of("outlook.office365.com") == {""}
    assert judges_of("pop.example.org") == frozenset()
