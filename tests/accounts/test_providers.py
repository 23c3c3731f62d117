"""What is known of providers: whole, plausible, and found by domain, by server and by MX."""

import pytest

from accounts.hosts import MAIL_PORTS
from accounts.models import Security
from accounts.providers import (
    PROVIDERS,
    LoginForm,
    Password,
    Provider,
    provider_by_exchangers,
    provider_of,
    provider_serving,
)

NAMED = {
    "gmail.com": ("pop.gmail.com:995", "smtp.gmail.com:465"),
    "outlook.com": ("outlook.office365.com:995", "smtp-mail.outlook.com:587"),
    "onmicrosoft.com": ("outlook.office365.com:995", "smtp.office365.com:587"),
    "yahoo.com": ("pop.mail.yahoo.com:995", "smtp.mail.yahoo.com:465"),
    "aol.com": ("pop.aol.com:995", "smtp.aol.com:465"),
    "verizon.net": ("pop.aol.com:995", "smtp.aol.com:465"),
    "att.net": ("inbound.att.net:995", "outbound.att.net:465"),
    "comcast.net": ("mail.comcast.net:995", "smtp.comcast.net:465"),
    "fastmail.com": ("pop.fastmail.com:995", "smtp.fastmail.com:465"),
    "gmx.de": ("pop.gmx.net:995", "mail.gmx.net:465"),
    "gmx.com": ("pop.gmx.com:995", "mail.gmx.com:465"),
    "web.de": ("pop3.web.de:995", "smtp.web.de:465"),
    "t-online.de": ("securepop.t-online.de:995", "securesmtp.t-online.de:465"),
    "strato.de": ("pop3.strato.de:995", "smtp.strato.de:465"),
    "orange.fr": ("pop.orange.fr:995", "smtp.orange.fr:465"),
    "free.fr": ("pop.free.fr:995", "smtp.free.fr:465"),
    "sfr.fr": ("pop.sfr.fr:995", "smtp.sfr.fr:465"),
    "laposte.net": ("pop.laposte.net:995", "smtp.laposte.net:465"),
    "libero.it": ("popmail.libero.it:995", "smtp.libero.it:465"),
    "tiscali.it": ("pop.tiscali.it:995", "smtp.tiscali.it:465"),
    "zoho.com": ("pop.zoho.com:995", "smtp.zoho.com:465"),
    "zoho.eu": ("pop.zoho.eu:995", "smtp.zoho.eu:465"),
    "zoho.in": ("pop.zoho.in:995", "smtp.zoho.in:465"),
    "zoho.jp": ("pop.zoho.jp:995", "smtp.zoho.jp:465"),
    "mail.ru": ("pop.mail.ru:995", "smtp.mail.ru:465"),
    "yandex.ru": ("pop.yandex.com:995", "smtp.yandex.com:465"),
    "seznam.cz": ("pop3.seznam.cz:995", "smtp.seznam.cz:465"),
    "wp.pl": ("pop3.wp.pl:995", "smtp.wp.pl:465"),
    "onet.pl": ("pop3.poczta.onet.pl:995", "smtp.poczta.onet.pl:465"),
    "btinternet.com": ("mail.btinternet.com:995", "mail.btinternet.com:465"),
    "sky.com": ("pop.tools.sky.com:995", "smtp.tools.sky.com:465"),
    "virginmedia.com": ("pop3.virginmedia.com:995", "smtp.virginmedia.com:465"),
    "bluewin.ch": ("pop3s.bluewin.ch:995", "smtpauths.bluewin.ch:465"),
    "proximus.be": ("pop.proximus.be:995", "relay.proximus.be:587"),
    "kpnmail.nl": ("pop.kpnmail.nl:995", "smtp.kpnmail.nl:465"),
    "ziggo.nl": ("pop.ziggo.nl:995", "smtp.ziggo.nl:587"),
    "posteo.de": ("posteo.de:995", "posteo.de:465"),
    "gandi.net": ("mail.gandi.net:995", "mail.gandi.net:465"),
    "mail.com": ("pop.mail.com:995", "smtp.mail.com:465"),
    "biglobe.ne.jp": ("mail.biglobe.ne.jp:995", "mail.biglobe.ne.jp:465"),
}
HOSTED = {
    "aspmx.l.google.com": "Gmail",
    "outlook-com.olc.protection.outlook.com.": "Outlook.com",
    "example-org.mail.protection.outlook.com": "Microsoft 365",
    "mx-eu.mail.am0.yahoodns.net": "Yahoo",
    "mx-aol.mail.gm0.yahoodns.net": "AOL",
    "in1-smtp.messagingengine.com": "Fastmail",
    "mx00.kundenserver.de": "IONOS",
    "smtpin.rzone.de": "STRATO",
    "mx1.mail.ovh.net": "OVHcloud",
    "mx.zoho.eu": "Zoho",
    "mailstore1.secureserver.net": "GoDaddy",
    "spool.mail.gandi.net": "Gandi",
    "mx01.mail.icloud.com": "iCloud",
    "mail.protonmail.ch": "Proton",
}


def of(domain: str) -> Provider:
    found = provider_serving(domain)
    assert found is not None, domain
    return found


@pytest.mark.parametrize("domain", NAMED)
def test_names_the_servers_of_large_providers(domain):
    provider = of(domain)
    assert provider.pop3
    assert provider.smtp
    assert (f"{provider.pop3.host}:{provider.pop3.port}", f"{provider.smtp.host}:{provider.smtp.port}") == NAMED[domain]


def test_every_server_is_protected_and_on_a_port_of_mail():
    servers = [server for each in PROVIDERS for server in (each.pop3, each.smtp) if server]
    assert {server.kind for each in PROVIDERS if (server := each.pop3)} == {"pop3"}
    assert {server.kind for each in PROVIDERS if (server := each.smtp)} == {"smtp"}
    assert Security.NONE not in {server.security for server in servers}
    assert {server.port for server in servers} <= MAIL_PORTS
    assert not any(server.login or server.password for server in servers)


def test_no_domain_belongs_to_two_providers():
    domains = [domain for each in PROVIDERS for domain in each.domains]
    assert len(domains) == len(set(domains))
    assert all(domain == domain.lower() for domain in domains)


def test_every_provider_has_a_page_of_its_own_to_read():
    assert [each.name for each in PROVIDERS if not each.help_page.startswith("https://")] == []


@pytest.mark.parametrize("name", HOSTED)
def test_recognises_domains_by_who_takes_their_mail(name):
    provider = provider_by_exchangers(["unknown.test", name])
    assert provider
    assert provider.name == HOSTED[name]


def test_a_name_that_only_ends_in_the_same_letters_is_another():
    assert provider_by_exchangers(["notgoogle.com"]) is None
    assert provider_of("pop.notgmail.com") is None


@pytest.mark.parametrize("domain", ["web.de", "free.fr", "laposte.net", "wp.pl"])
def test_some_log_in_with_the_local_part(domain):
    assert of(domain).login_form == LoginForm.LOCAL_PART
    assert of(domain).login_of(f"dana.k@{domain}") == "dana.k"


def test_others_log_in_with_the_address():
    assert of("gmail.com").login_of("dana@gmail.com") == "dana@gmail.com"


@pytest.mark.parametrize("domain", ["outlook.com", "hotmail.de", "onmicrosoft.com"])
def test_microsoft_takes_no_passwords(domain):
    assert not of(domain).takes_passwords
    assert "no program in by password" in of(domain).password


@pytest.mark.parametrize("domain", ["gmail.com", "gmx.net", "web.de", "zoho.com", "yandex.ru"])
def test_says_where_pop3_must_be_switched_on(domain):
    assert "witch" in of(domain).switch


@pytest.mark.parametrize("domain", ["icloud.com", "me.com", "proton.me", "pm.me"])
def test_says_who_has_no_pop3_and_what_to_do_instead(domain):
    provider = of(domain)
    assert not provider.has_pop3
    assert provider.pop3 is None
    assert provider.instead.startswith(f"{provider.name} has no POP3")
    assert "forward" in provider.instead


@pytest.mark.parametrize("domain", ["yahoo.co.jp", "nifty.com", "ocn.ne.jp", "so-net.ne.jp"])
def test_leaves_to_the_person_what_is_not_certain(domain):
    assert not of(domain).is_certain
    assert of(domain).has_pop3
    assert of(domain).password_kind == Password.OWN


def test_a_server_that_was_typed_tells_the_provider():
    assert provider_of("POP.GMail.com.").name == "Gmail"
    assert provider_of("pop.example.org") is None
