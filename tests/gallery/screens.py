"""Every screen there is, and how it is reached."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, Route

from tests.gallery.site import Gallery

BREAD, GULL = "Bread for people", "Gull approved"
ROSE, DANGER = "Rose turns 80", "Your card has been limited"
DRAWINGS = "Lighthouse: first drawings"
COAST, FAIR, PERMISSION = "A year ago", "Winter fair", "Fwd: Permission"
# No address leads to what a site answers with when it fails.
REFUSED = "/refused/"


@dataclass(frozen=True)
class Screen:
    """A screen: its address (a path, or a name of `Gallery.paths`), who looks at it, and what is done on it first.

    `shows` is a selector that is there once it is ready. `status` is that of its answer. `part` is a name of
    `Gallery.paths` and a selector: what the one is answered with stands in the place of the other.
    """

    name: str
    path: str
    who: str = "alice"
    does: Callable[[Page], None] | None = None
    shows: str = "main"
    status: int = 200
    part: tuple[str, str] = ("", "")


def show(screen: Screen, page: Page, gallery: Gallery) -> None:
    """Open `screen` in `page` and return when it stands still."""
    prepare(screen, page, gallery)
    answer = page.goto(gallery.path(screen.path))
    assert answer
    assert answer.status == screen.status, screen.name
    page.wait_for_selector(screen.shows)
    if screen.part[0]:
        ask_for(page, gallery.path(screen.part[0]), screen.part[1])
    if screen.does:
        screen.does(page)
    page.wait_for_load_state("load")
    # The list beside a conversation is asked for after it.
    page.wait_for_function("() => !document.querySelector('.mail__list--coming')?.checkVisibility()")


def prepare(screen: Screen, page: Page, gallery: Gallery) -> None:
    """Have `page` get what no address leads to, or what it could not look into."""
    if screen.path == REFUSED:
        body = gallery.refusals[screen.name]
        page.unroute(f"**{REFUSED}")
        page.route(
            f"**{REFUSED}", lambda route: route.fulfill(status=screen.status, body=body, content_type="text/html")
        )
    if screen is PAPER:
        page.route("**/print/*", _unlock)


def _unlock(route: Route) -> None:
    """Answer with the page, but without the policy by which no script runs on it, not even a test's."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
    route.fulfill(response=answer, headers=headers)


def ask_for(page: Page, path: str, place: str) -> None:
    """Put in the `place` of a page what `path` answers, as htmx would."""
    page.evaluate("([path, place]) => htmx.ajax('GET', path, { target: place, swap: 'outerHTML' })", [path, place])
    page.wait_for_selector(f"{place} > *")


def press(selector: str) -> Callable[[Page], None]:
    """What presses the first of `selector` that can be seen."""
    return lambda page: page.locator(f"{selector} >> visible=true").first.click()


def follow(selector: str, shows: str) -> Callable[[Page], None]:
    """What presses the first of `selector` that can be seen and waits for what it leads to."""

    def do(page: Page) -> None:
        press(selector)(page)
        page.wait_for_selector(shows)

    return do


def read_file(page: Page) -> None:
    """Unfold the message that has a file of text, and open it."""
    press(".message--folded a, .message--folded summary")(page)
    follow(".file__name", ".viewer__text")(page)


def answer(page: Page) -> None:
    """Open an answer at the end of the conversation, or on a page of its own where there is no room for it."""
    follow(".answer__box", "[data-compose] [data-rich]")(page)
    # Nothing lies half below the bar above.
    page.locator("[data-compose]").evaluate("(sheet) => sheet.scrollIntoView({ block: 'start' })")


def choose(of: str) -> Callable[[Page], None]:
    """What opens the choices named `of` of the conversation that is open, from its bar or from its menu of more."""

    def do(page: Page) -> None:
        button = page.locator(f".conversation__toolbar [data-choices='{of}'] >> visible=true")
        if not button.count():
            press(".conversation__toolbar [data-choices='more']")(page)
            button = page.locator(f"#choices [data-choices='{of}']")
        button.first.click()
        page.wait_for_selector(f"#choices[data-of='{of}']:popover-open .choices__title")

    return do


def choose_for_selected(of: str) -> Callable[[Page], None]:
    """What opens the choices named `of` of two selected conversations."""

    def do(page: Page) -> None:
        select(page)
        page.locator(f".selection [data-choices='{of}'] >> visible=true").first.click()
        page.wait_for_selector(f"#choices[data-of='{of}']:popover-open .choices__what")

    return do


def choose_on_page(of: str) -> Callable[[Page], None]:
    """What opens the choices named `of` of two selected conversations as a page, as they are without scripts."""

    def do(page: Page) -> None:
        select(page)
        with page.expect_navigation():
            page.evaluate(
                "(of) => { const form = document.querySelector('#selection');"
                " form.action = `/selection/choices/${of}/`; form.submit(); }",
                of,
            )
        page.wait_for_selector(".choices--page")

    return do


def ask_before_deleting(page: Page) -> None:
    """Open the question before a conversation of the trash is deleted for ever, from its line."""
    line = page.locator(".row").first
    line.hover()
    if not line.locator("[data-choices=delete]").is_visible():
        select(page)
        line = page.locator(".selection")
    line.locator("[data-choices=delete]").click()
    page.wait_for_selector("#choices:popover-open .choices__question")


def fail(page: Page) -> None:
    """Select two conversations and mark them while the server cannot be reached."""
    page.route("**/selection/", lambda route: route.abort(), times=1)
    select(page)
    page.locator(".selection [value='read']").click()
    page.wait_for_selector(".undo--failure")


def show_keys(page: Page) -> None:
    """Ask for the keys."""
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open] .keys__groups")


def mark_read(page: Page) -> None:
    """Mark as read what is read, so that the page offers to undo it and nothing changes."""
    page.locator(".row:not(.row--unread) .row__check").first.check(force=True)
    page.locator(".selection [value='read']").click()
    page.wait_for_selector(".undo")


def ask_in_panel(action: str) -> Callable[[Page], None]:
    """What has the panel's list do `action` with its first row, which asks first."""

    def do(page: Page) -> None:
        page.locator(".action-select").first.check()
        page.select_option("select[name=action]", action)
        page.locator("button[name=index]").click()
        page.wait_for_selector("h1")

    return do


def select(page: Page) -> None:
    """Select two conversations."""
    for number in range(2):
        page.locator(".row__check").nth(number).check(force=True)


def send_nowhere(page: Page) -> None:
    """Ask a composer to send what it cannot."""
    page.fill("[name=subject]", "Plums")
    page.locator(".compose [data-send]").click()
    page.wait_for_selector(".compose [role=alert], .compose__error:not(:empty)")


def try_servers(page: Page) -> None:
    """Ask the form of an account to test servers that are not there."""
    page.locator("button[formaction*='/test/']").first.click()
    page.wait_for_selector(".checkup > *")


def give(page: Page) -> None:
    """Open the choices of to whom a team's conversation is given."""
    page.locator(".team-head__who >> visible=true").first.click()
    page.wait_for_selector("#choices[data-of='assign']:popover-open .choices__title")


def list_addresses(page: Page) -> None:
    """Say which addresses Gmail has collected, or say it again."""
    if page.locator(".move__again").count():
        press(".move__again summary")(page)
    page.fill("textarea", "alice@home.test\nalice@old-school.example\ncontact@moreau-prints.example")
    page.locator("form.stack button").click()
    page.wait_for_selector(".move__list")


def look_for(address: str) -> Callable[[Page], None]:
    """What types the address of a new account and waits for what comes of it."""

    def do(page: Page) -> None:
        page.fill("[name=address]", address)
        page.locator(".new-account__start button").click()
        page.wait_for_selector("#found > *")

    return do


LISTS = (
    Screen("inbox", "/", shows=".row"),
    Screen("inbox-selecting", "/", shows=".row", does=select),
    Screen("inbox-undo", "/", shows=".row", does=mark_read),
    Screen("selection-labels", "/", shows=".row", does=choose_for_selected("labels")),
    Screen("selection-more", "/", shows=".row", does=choose_for_selected("more")),
    Screen("selection-labels-page", "/", shows=".row", does=choose_on_page("labels")),
    Screen("selection-more-page", "/", shows=".row", does=choose_on_page("more")),
    Screen("inbox-bulk", "/", shows=".row", part=("bulk", "#bulk")),
    Screen("inbox-failure", "/", shows=".row", does=fail),
    Screen("keys", "/", shows=".row", does=show_keys),
    Screen("inbox-empty", "/", who="charlie", shows=".empty"),
    Screen("first-run", "/", who="eve", shows=".empty"),
    Screen("starred", "/starred/"),
    Screen("snoozed", "/snoozed/"),
    Screen("drafts", "/drafts/"),
    Screen("drafts-empty", "/drafts/", who="charlie"),
    Screen("sent", "/sent/"),
    Screen("outbox", "/outbox/"),
    Screen("outbox-empty", "/outbox/", who="charlie"),
    Screen("archive", "/archive/"),
    Screen("archive-empty", "/archive/", who="charlie", shows=".empty"),
    Screen("spam", "/spam/"),
    Screen("trash", "/trash/"),
    Screen("trash-delete", "/trash/", shows=".row", does=ask_before_deleting),
    Screen("trash-empty-question", "/trash/empty/"),
    Screen("label", "label"),
    Screen("search", "/search/?q=lake"),
    Screen("search-none", "/search/?q=zeppelin"),
    Screen("search-blank", "/search/"),
)
CONVERSATIONS = (
    Screen("conversation", ROSE, shows=".answer"),
    Screen("conversation-files", GULL, shows=".files"),
    Screen("conversation-images", BREAD, shows=".remote"),
    Screen("conversation-danger", DANGER, shows=".message__danger"),
    Screen("conversation-trust", DANGER, shows=".message__danger", does=press(".trust__mark")),
    Screen("conversation-invitation", DRAWINGS, shows=".invitation"),
    Screen("conversation-menu", ROSE, shows=".answer", does=press(".message__head > .menu > summary")),
    Screen("conversation-snooze", ROSE, shows=".answer", does=choose("snooze")),
    Screen("conversation-labels", ROSE, shows=".answer", does=choose("labels")),
    Screen("conversation-unsubscribe", BREAD, shows=".answer", does=follow(".list-line__button", ":popover-open")),
    Screen("conversation-answer", ROSE, does=answer),
    *(Screen(f"choices-{of}", f"{ROSE}|choices/{of}/") for of in ("snooze", "labels", "more")),
    Screen("choices-delete", f"{COAST}|choices/delete/"),
    Screen("picture", GULL, does=follow(".picture__open", ".viewer__picture")),
    Screen("file", FAIR, does=read_file),
    Screen("enclosed", PERMISSION, does=follow(".enclosed__line", ".enclosed__facts")),
    Screen("source", f"{GULL}|original/"),
    Screen("headers", f"{GULL}|headers/"),
)
WRITING = (
    Screen("compose-rich", "/compose/", shows="[data-rich]"),
    Screen("compose-error", "/compose/", shows="[data-rich]", does=send_nowhere),
    Screen("compose-draft", "draft", shows=".compose"),
    Screen("compose-no-account", "/compose/", who="eve"),
)
SETTINGS = (
    Screen("settings", "/settings/"),
    Screen("appearance", "/settings/appearance/"),
    Screen("identities", "/settings/identities/"),
    Screen("alias", "/settings/identities/new/"),
    Screen("labels", "/settings/labels/"),
    Screen("label-edit", "label settings"),
    Screen("label-delete", "label settings|delete/"),
    Screen("notifications", "/settings/notifications/"),
    Screen("keyboard", "/settings/keyboard/"),
    Screen("contacts", "/settings/contacts/"),
    Screen("images", "/settings/images/"),
    Screen("password", "/account/password/change/"),
    Screen("security", "/settings/security/"),
    Screen("authenticator", "/settings/security/app/"),
    Screen("passkey", "/settings/security/passkeys/new/"),
    Screen("export", "/settings/export/"),
    Screen("accounts", "/accounts/"),
    Screen("accounts-none", "/accounts/", who="eve"),
    Screen("arriving", "arriving", who="finn", shows=".arrived"),
    Screen("account-new", "/accounts/new/"),
    Screen("account-sign-in", "/accounts/new/", does=look_for("alice@gmail.com")),
    Screen("account-not-signed-in", "/accounts/sign-in/google/back/", status=400),
    Screen("account-sign-in-again", "account|sign-in/"),
    Screen("account-tested", "trouble", does=try_servers),
    Screen("account", "account"),
    Screen("account-trouble", "trouble"),
    Screen("account-delete", "account|delete/"),
    Screen("hand-over", "account|hand-over/"),
    Screen("offered", "offer", who="charlie"),
    Screen("leave", "/settings/leave/"),
    Screen("log", "trouble|log/"),
    Screen("move", "/accounts/move/"),
    Screen("move-list", "/accounts/move/", does=list_addresses, shows=".page"),
    Screen("take-in", "account|import/"),
    Screen("codes", "/settings/security/codes/new/"),
)
SHARED = (
    Screen("team", "team conversation", who="bob", shows=".answer"),
    Screen("team-woken", "woken", who="bob", shows=".answer"),
    Screen("team-give", "team conversation", who="bob", shows=".answer", does=give),
    Screen("team-mine", "/team/mine/", who="bob"),
    Screen("team-done", "/team/done/", who="bob"),
    Screen("team-note", "team note", who="bob"),
    Screen("sharing", "hall|people/", who="bob"),
    Screen("shared-leave", "hall|leave/", who="dana"),
    Screen("accounts-member", "/accounts/", who="dana"),
    Screen("invitations", "/settings/invitations/", who="dana"),
)
PANEL = (
    Screen("panel", "/admin/", who="dana"),
    Screen("panel-people", "/admin/accounts/user/", who="dana"),
    Screen("panel-person", "panel person", who="dana"),
    Screen("panel-accounts", "/admin/accounts/mailaccount/", who="dana"),
    Screen("panel-account", "panel account", who="dana"),
    Screen("panel-uidl", "/admin/accounts/mailaccount/", who="dana", does=ask_in_panel("forget_uidls")),
    Screen("panel-outbox", "/admin/mailbox/outgoing/", who="dana"),
    Screen("panel-audit", "/admin/accounts/auditevent/", who="dana"),
)
OUTSIDE = (
    Screen("sign-in", "/account/login/", who=""),
    Screen("sign-up", "/account/signup/", who=""),
    Screen("password-reset", "/account/password/reset/", who=""),
    Screen("sign-out", "/account/logout/"),
    Screen("reset-done", "/account/password/reset/done/", who=""),
    Screen("invitation-closed", "/invitation/none/", who="", status=404),
    Screen("elsewhere-failed", "/account/elsewhere-cancelled/", who=""),
    Screen("confirm", "/account/reauthenticate/"),
    Screen("offline", "/offline/"),
    Screen("missing", "/m/0000000000000000/", status=404),
)
REFUSALS = tuple(Screen(name, REFUSED, who="", status=int(name[:3]), shows="h1") for name in ("403", "403_csrf", "500"))
PAPER = Screen("print", f"{ROSE}|print/?conversation", shows="body")
SCREENS = (*LISTS, *CONVERSATIONS, *WRITING, *SETTINGS, *SHARED, *PANEL, *OUTSIDE, *REFUSALS, PAPER)
