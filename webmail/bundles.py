"""Which style sheets and scripts there are, in their order: a new file is one new line here.

While DEBUG is on, pages name the small files one by one. Else they name bundles, which `collectstatic` joins from them
(`webmail/storage.py`). A script of the bundle "shell" runs on every page; what few pages need has a bundle of its own,
which their template names: `{% scripts "compose" %}`.
"""

from collections.abc import Mapping

from django.conf import settings

# By the name of a bundle, its sources below static/. Their rules stand in layers, so this order decides within a layer.
STYLES: Mapping[str, tuple[str, ...]] = {
    "shell": (
        "css/reset.css",
        "css/tokens.css",
        "css/base.css",
        "css/layout.css",
        "css/components/topbar.css",
        "css/components/sidebar.css",
        "css/components/icon.css",
        "css/components/button.css",
        "css/components/field.css",
        "css/components/avatar.css",
        "css/components/row.css",
        "css/components/density.css",
        "css/components/touch.css",
        "css/components/selection.css",
        "css/components/swipe.css",
        "css/components/chip.css",
        "css/components/files.css",
        "css/components/enclosed.css",
        "css/components/upload.css",
        "css/components/notice.css",
        "css/components/dialog.css",
        "css/components/menu.css",
        "css/components/progress.css",
        "css/components/empty.css",
        "css/components/sheet.css",
        "css/components/remote.css",
        "css/components/sending.css",
        "css/components/later.css",
        "css/components/delivery-log.css",
        "css/components/rich.css",
        "css/components/people.css",
        "css/components/label.css",
        "css/components/choices.css",
        "css/components/team.css",
        "css/screens/mail.css",
        "css/screens/conversation.css",
        "css/screens/body.css",
        "css/screens/viewer.css",
        "css/screens/trust.css",
        "css/screens/invitation.css",
        "css/screens/compose.css",
        "css/screens/keyboard.css",
        "css/screens/auth.css",
        "css/utilities.css",
    ),
    # After the shell's, on pages that show no mail: who opens the inbox first does not wait for them.
    "pages": (
        "css/components/space.css",
        "css/screens/source.css",
        "css/screens/outbox.css",
        "css/screens/accounts.css",
        "css/screens/first-run.css",
        "css/screens/new-account.css",
        "css/screens/sign-in.css",
        "css/screens/take-in.css",
        "css/screens/settings.css",
        "css/screens/appearance.css",
        "css/screens/security.css",
        "css/screens/export.css",
        "css/screens/notifications.css",
    ),
    # After Django's own sheets, on the operator's pages only.
    "admin": (
        "css/screens/panel.css",
        "css/screens/panel-nav.css",
        "css/screens/panel-list.css",
        "css/screens/panel-touch.css",
        "css/screens/overview.css",
    ),
}

# A script may lean on those before it, and on htmx, while it runs; what it does at its end, it does on every page.
SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "shell": (
        "js/settled.js",
        "js/frame.js",
        "js/remote.js",
        "js/redraw.js",
        "js/paper.js",
        "js/panes.js",
        "js/load-scripts.js",
        "js/answer-here.js",
        "js/ahead.js",
        "js/menu.js",
        "js/live.js",
        "js/row-links.js",
        "js/row-actions.js",
        "js/select.js",
        "js/long-press.js",
        "js/swipe.js",
        "js/optimistic.js",
        "js/turns.js",
        "js/prefetch.js",
        "js/keys-help.js",
        "js/press.js",
        "js/keys.js",
        "js/place.js",
        "js/rows.js",
        "js/parts.js",
        "js/unread.js",
        "js/app.js",
        "js/notify.js",
        "js/focus.js",
        "js/failure.js",
        "js/passing.js",
        "js/sending.js",
        "js/choices.js",
        "js/filter.js",
        "js/answering.js",
    ),
    # The page of the composer, and answers at the end of a conversation.
    "compose": (
        "js/composer.js",
        "js/kept-text.js",
        "js/save-line.js",
        "js/autosave.js",
        "js/composer-buttons.js",
        "js/carry-over.js",
        "js/kept-notice.js",
        "js/offer-kept.js",
        "js/upload-line.js",
        "js/upload-request.js",
        "js/uploads.js",
        "js/attach.js",
        "js/remove-file.js",
        "js/send-key.js",
        "js/addresses.js",
        "js/offers.js",
        "js/offer-keys.js",
        "js/chips.js",
        "js/chip-edits.js",
        "js/more.js",
        "js/rich-pictures.js",
        "js/sender.js",
        "js/fold-quote.js",
        "js/rich-when-wanted.js",
    ),
    # The editor of formatted text, in the composer and for signatures.
    "rich": (
        "vendor/dompurify/purify.min.js",
        "vendor/squire/squire.js",
        "js/rich-clean.js",
        "js/rich.js",
        "js/rich-formats.js",
        "js/rich-link.js",
    ),
    "viewer": ("js/viewer.js",),
    "passkey": ("js/passkey.js",),
    "print": ("js/print.js",),
    "notifications": ("js/notify-switch.js",),
}

# The bundles as files of the static site: by their paths, the paths of their sources.
STYLE_FILES = {f"bundles/{name}.css": sources for name, sources in STYLES.items()}
SCRIPT_FILES = {f"bundles/{name}.js": sources for name, sources in SCRIPTS.items()}


def style_paths(bundle: str) -> tuple[str, ...]:
    """The style sheets that a page loads for a bundle, below static/."""
    return _served(f"bundles/{bundle}.css", STYLES[bundle])


def script_paths(bundle: str) -> tuple[str, ...]:
    """The scripts that a page loads for a bundle, below static/."""
    return _served(f"bundles/{bundle}.js", SCRIPTS[bundle])


def _served(file: str, sources: tuple[str, ...]) -> tuple[str, ...]:
    return sources if settings.DEBUG else (file,)
