"""What happens by itself in an open page, and the site as an app, in Chromium with every process running."""

import re
import smtplib
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.windows import PASSWORD, Windows, fill_account, row, wait_at
from tests.push_service import Browser, PushService
from tests.site import Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Eve's mail is in her inbox the moment it is received; Dana has nothing yet but a maildrop.
ADD_PEOPLE = """
import sys
from accounts.models import Identity, LocalMaildrop, MailAccount, RemoteMaildrop, SubmissionServer, User
password, pop3_port, smtp_port = sys.stdin.read().splitlines()
eve = User.objects.create_user("eve", "eve@home.test", password, first_name="Eve", undo_seconds=8)
account = MailAccount.objects.create(owner=eve, address="eve@home.test", name="Home")
Identity.objects.create(account=account, name="Eve", address="eve@home.test", is_default=True)
SubmissionServer.objects.create(account=account, host="127.0.0.1", security="none", port=smtp_port)
maildrop = LocalMaildrop(owner=eve, address="eve@home.test", account=account)
maildrop.set_password(password)
maildrop.save()
new = User.objects.create_user("dana", "dana@home.test", password, first_name="Dana")
maildrop = LocalMaildrop(owner=new, address="dana@home.test")
maildrop.set_password(password)
maildrop.save()
"""
SUBSCRIBES = """
PushManager.prototype.subscribe = async function () {{
  PushManager.prototype.getSubscription = async () => this.made ?? null;
  return this.made = window.made = {{
    endpoint: "{endpoint}",
    toJSON: () => ({{ endpoint: "{endpoint}", keys: {{ p256dh: "{public_key}", auth: "{secret}" }} }}),
    unsubscribe: async () => true,
  }};
}};
"""


@pytest.fixture(scope="module")
def letterbox(tmp_path_factory: pytest.TempPathFactory, site_template: Any) -> Iterator[Site]:
    """A Letterbox of this file's own, which may push to loopback."""
    folder = tmp_path_factory.mktemp("live")
    with running_site(folder, site_template, environment={"PRIVATE_PUSH_HOSTS": "127.0.0.1"}) as site:
        facts = f"{PASSWORD}\n{site.pop3_port}\n{site.smtp_port}\n"
        site.manage("shell", "--verbosity", "0", "--command", ADD_PEOPLE, stdin=facts)
        yield site


@pytest.fixture(scope="module")
def sessions() -> dict[str, Any]:
    """The cookies of those who are signed in at this file's site."""
    return {}


@pytest.fixture
def page(windows: Windows) -> Page:
    """Eve's inbox on a desk."""
    page = windows.open("eve")
    page.goto("/")
    return page


def receive(site: Site, subject: str, *, to: str = "eve@home.test", answers: str = "") -> None:
    """Have the embedded server take a message from far away."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Bob <bob@far.test>", to, subject
    message["Message-ID"] = f"<{subject.replace(' ', '-').replace(':', '')}@far.test>"
    if answers:
        message["References"] = f"<{answers.replace(' ', '-')}@far.test>"
    message.set_content(f"About {subject}.")
    with smtplib.SMTP("127.0.0.1", site.smtp_port) as server:
        server.send_message(message)


def unread(page: Page) -> int:
    """How much the title says is unread."""
    found = re.match(r"\((\d+)\) ", page.title())
    return int(found[1]) if found else 0


# The page -------------------------------------------------------------------------------------------------------------


def test_new_mail_shows_in_list_counts_title_and_icon(page: Page, letterbox: Site) -> None:
    before = unread(page)
    plain_icon = page.locator("link[rel=icon]").get_attribute("href")
    page.evaluate("window.isTheSamePage = true")
    receive(letterbox, "Live one")
    expect(page.locator(row("Live one"))).to_be_visible()
    expect(page).to_have_title(re.compile(rf"^\({before + 1}\) Inbox · Letterbox$"))
    expect(page.locator("#unread-all")).to_contain_text(str(before + 1))
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("^data:image/svg"))
    assert plain_icon != page.locator("link[rel=icon]").get_attribute("href")
    assert page.evaluate("window.isTheSamePage")


def test_the_counts_follow_on_a_screen_without_a_list(page: Page, letterbox: Site) -> None:
    page.goto("/settings/")
    before = unread(page)
    receive(letterbox, "Live on settings")
    expect(page).to_have_title(re.compile(rf"^\({before + 1}\) Settings"))
    expect(page.locator("#unread-all")).to_contain_text(str(before + 1))


def test_an_opened_conversation_keeps_the_number_before_its_title(page: Page, letterbox: Site) -> None:
    receive(letterbox, "Title one")
    receive(letterbox, "Title two")
    page.click(f"{row('Title one')} .row__link")
    expect(page).to_have_title(re.compile(r"^\(\d+\) Title one · Letterbox$"))


def test_an_answer_is_announced_in_the_open_conversation(page: Page, letterbox: Site) -> None:
    receive(letterbox, "Talk")
    page.click(f"{row('Talk')} .row__link")
    expect(page.locator(".conversation__subject")).to_have_text("Talk")
    receive(letterbox, "Re: Talk", answers="Talk")
    expect(page.locator(".followed__line")).to_contain_text("Bob has just written.")
    page.click(".followed__line >> text=Show")
    expect(page.locator(".message")).to_have_count(2)


def test_what_is_sent_says_so_by_itself(page: Page, letterbox: Site, windows: Windows) -> None:
    outbox = windows.open("eve")
    outbox.goto("/outbox/")
    page.goto("/compose/?to=eve@home.test")
    page.fill("[name=subject]", "Note to self")
    page.click("button:has-text('Send') >> nth=0")
    expect(outbox.locator(".dispatch", has_text="Note to self")).to_be_visible()
    expect(page.locator(".sending__line")).to_contain_text("Sent.")
    expect(outbox.locator(".dispatch", has_text="Note to self")).to_contain_text("Sent from eve@home.test")


def test_whoever_was_signed_out_is_asked_no_more(windows: Windows, letterbox: Site) -> None:
    page = windows.open("eve", signs_in=True)
    asked: list[float] = []
    page.context.clear_cookies()
    page.on(
        "request",
        lambda request: asked.append(time.monotonic()) if request.url.startswith(f"{letterbox.url}/live/") else None,
    )
    wait_at(page, lambda: asked, what="the last poll")
    page.wait_for_timeout(4000)
    assert len(asked) == 1


# The first run --------------------------------------------------------------------------------------------------------


def test_the_first_run_ends_with_mail_that_is_seen_arriving(windows: Windows, letterbox: Site) -> None:
    page = windows.open("dana", signs_in=True)
    page.fill(".guide [name=address]", "dana@home.test")
    page.click(".guide >> text=Continue")
    fields = {"pop3-host": "127.0.0.1", "pop3-port": letterbox.pop3_port, "pop3-password": PASSWORD}
    receive(letterbox, "Welcome", to="dana@home.test")
    fill_account(page, letterbox, {"address": "dana@home.test", "pop3-login": "dana@home.test", **fields})
    page.click("button.button--primary:text-is('Save')")
    expect(page).to_have_url(re.compile("/arriving/$"))
    expect(page.locator(".arrived__row")).to_contain_text("Welcome")
    expect(page.locator(".arrived h2")).to_have_text("Your mail is here")
    page.click("text=Open the inbox")
    expect(page.locator(row("Welcome"))).to_be_visible()


# The app --------------------------------------------------------------------------------------------------------------


def controlled(page: Page) -> None:
    """Wait until the service worker looks after the page."""
    page.wait_for_function(
        "async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'"
    )

    def is_controlled() -> bool:
        if page.evaluate("navigator.serviceWorker.controller !== null"):
            return True
        # A page that was asked for before, and came after the worker had claimed what was there, is left to itself.
        page.reload()
        return False

    wait_at(page, is_controlled, what="the worker to look after the page")


def test_chromium_finds_everything_that_an_app_needs(page: Page) -> None:
    controlled(page)
    devtools = page.context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["url"].endswith("/manifest.webmanifest")
    assert manifest["errors"] == []
    faults = [each["errorId"] for each in devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    # A window of a test keeps nothing, so nothing can be installed from it.
    assert [each for each in faults if each != "in-incognito"] == []


def test_without_a_connection_a_page_says_what_is_kept(page: Page, windows: Windows) -> None:
    windows.tolerated += ["net::ERR_", "Failed to fetch", "navigation preload"]
    controlled(page)
    page.context.set_offline(True)
    page.goto("/outbox/")
    expect(page.locator("h1")).to_have_text("Letterbox cannot be reached")
    expect(page.locator("main")).to_contain_text("Your mail is safe")
    assert page.evaluate("getComputedStyle(document.querySelector('.button')).backgroundColor") != "rgba(0, 0, 0, 0)"
    page.context.set_offline(False)
    page.click("text=Try again")
    expect(page.locator("h1")).to_have_text("Outbox")


def test_the_worker_keeps_static_files_and_its_page_alone(page: Page, letterbox: Site) -> None:
    receive(letterbox, "Kept nowhere")
    controlled(page)
    page.click(f"{row('Kept nowhere')} .row__link")
    page.goto("/archive/")
    kept = page.evaluate(
        """async () => { const found = [];
        for (const name of await caches.keys())
          for (const each of await (await caches.open(name)).keys()) found.push(new URL(each.url).pathname);
        return found; }"""
    )
    assert "/offline/" in kept
    assert all(path == "/offline/" or path.startswith("/static/") for path in kept)


def test_signing_out_takes_the_worker_and_what_it_kept_away(windows: Windows) -> None:
    page = windows.open("eve", signs_in=True)
    controlled(page)
    page.goto("/settings/")
    page.click("button:has-text('Sign out')")
    expect(page).to_have_url(re.compile("/account/login/"))
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((found) => found.length)") == 0
    assert page.evaluate("caches.keys()") == []


# Notifications --------------------------------------------------------------------------------------------------------


def test_asks_for_leave_only_at_the_button(windows: Windows) -> None:
    page = windows.open("eve")
    page.context.add_init_script(
        """Object.defineProperty(Notification, "permission", { get: () => "default" });
        Notification.requestPermission = async () => { window.wasAsked = true; return "denied"; }"""
    )
    for path in ("/", "/settings/", "/settings/notifications/"):
        page.goto(path)
        assert page.evaluate("window.wasAsked") is None
    page.click("text=Turn on notifications")
    page.wait_for_function("() => window.wasAsked")


def test_a_push_comes_while_the_page_is_closed(windows: Windows, letterbox: Site) -> None:
    keys = Browser()
    with PushService() as service:
        page = windows.open("eve", permissions=["notifications"])
        script = SUBSCRIBES.format(endpoint=service.endpoint, public_key=keys.public_key, secret=keys.secret)
        page.context.add_init_script(script)
        page.goto("/settings/notifications/")
        controlled(page)
        page.click("text=Turn on notifications")
        expect(page.locator("[data-notify-state=pushed]")).to_be_visible()
        expect(page.locator("[data-notify-state]:visible")).to_have_count(1)
        page.goto("about:blank")
        receive(letterbox, "Pushed")
        wait_at(page, lambda: service.contents, what="the push")
        told = keys.read(service.contents[0])
        page.goto("/settings/notifications/")
        page.click(".trusted >> text=Remove")
    assert (told["title"], told["body"]) == ("Bob", "Pushed")
    assert told["url"].startswith("/m/")


def pusher(page: Page, letterbox: Site) -> Callable[[], object]:
    """Push a message to the worker of this page as a push service would, whenever it is called."""
    devtools = page.context.new_cdp_session(page)
    registrations: list[dict[str, Any]] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    wait_at(page, lambda: registrations, what="the worker")
    message = {
        "origin": letterbox.url,
        "registrationId": registrations[0]["registrationId"],
        "data": '{"title": "Bob", "body": "Lunch", "url": "/m/x/", "tag": "x"}',
    }
    return lambda: devtools.send("ServiceWorker.deliverPushMessage", message)


def test_a_push_becomes_a_notification(windows: Windows, letterbox: Site) -> None:
    page = windows.open("eve", permissions=["notifications"])
    page.goto("/")
    controlled(page)
    push = pusher(page, letterbox)
    page.goto("about:blank")
    push()
    page.goto("/settings/")
    page.wait_for_function(
        """async () => (await (await navigator.serviceWorker.ready).getNotifications())
        .some((each) => each.title === "Bob" && each.body === "Lunch" && each.data.url === "/m/x/")"""
    )


def test_a_push_tells_a_page_that_nobody_sees(windows: Windows, letterbox: Site) -> None:
    page = windows.open("eve", permissions=["notifications"])
    page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => true })")
    page.goto("/")
    controlled(page)
    push = pusher(page, letterbox)
    # By itself it would ask again after fifteen seconds.
    with page.expect_response(re.compile(r"\?since=")):
        pass
    with page.expect_request(re.compile(r"\?since="), timeout=10_000):
        push()


def test_an_open_page_notifies_where_there_is_no_push_service(windows: Windows, letterbox: Site) -> None:
    windows.tolerated.append("Push API in incognito mode")
    page = windows.open("eve", permissions=["notifications"])
    page.context.add_init_script(
        """window.shown = [];
        window.Notification = class extends EventTarget {
          static permission = "granted";
          static requestPermission = async () => "granted";
          constructor(title, { body }) { super(); window.shown.push(`${title}: ${body}`); }
        };
        document.hasFocus = () => false;"""
    )
    page.goto("/settings/notifications/")
    controlled(page)
    page.click("text=Turn on notifications")
    expect(page.locator("[data-notify-state=open]")).to_be_visible()
    receive(letterbox, "Told by the page")
    page.wait_for_function("() => window.shown.includes('Bob: Told by the page')")
    page.click("text=Turn off")
    expect(page.locator("[data-notify-state=off]")).to_be_visible()
