"""Who reaches which address of the site, and what he is answered there.

A new address without a line here fails the tests: whoever adds one says whose it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to Alice's account; the admin runs the place and is an outsider to its mail."""

    OWNER = "owner"
    SENDER = "sender"
    READER = "reader"
    OUTSIDER = "outsider"
    ADMIN = "admin"
    ANONYMOUS = "anonymous"


EVERYBODY = frozenset(Role)
SIGNED_IN = EVERYBODY - {Role.ANONYMOUS}
READERS = frozenset({Role.OWNER, Role.SENDER, Role.READER})
SENDERS = frozenset({Role.OWNER, Role.SENDER})
MEMBERS = frozenset({Role.SENDER, Role.READER})
OWNER = frozenset({Role.OWNER})
ADMIN = frozenset({Role.ADMIN})
NOBODY: frozenset[Role] = frozenset()
NO_SUCH_METHOD = 405


@dataclass(frozen=True, slots=True)
class Rule:
    """Whose an address is, and the status of the answers to these people; all others get 404, or are led to sign in."""

    who: frozenset[Role]
    get: int = 200
    post: int = NO_SUCH_METHOD
    names: tuple[str, ...] = ()
    """Which things of Alice's the address names, in its order."""
    sends: Mapping[str, str] = field(default_factory=dict)
    """The form that is posted; what begins with @ is one of those things."""
    posters: frozenset[Role] | None = None
    """Those who may also post, where they are fewer."""
    refusal: int = 404
    """What the others of `who` get then."""
    signed_out: tuple[int, int] | None = None
    """What those get by GET and by POST who are signed out, where that is something else."""

    def status(self, role: Role, method: str) -> int:
        """Return what `role` is answered to a request by `method`."""
        if role == Role.ANONYMOUS and (role not in self.who or self.signed_out):
            get, post = self.signed_out or (302, 302)
            return get if method == "GET" else post
        expected = self.get if method == "GET" else self.post
        if role in self.who and method == "POST" and self.posters is not None and role not in self.posters:
            return self.refusal
        return expected if role in self.who or expected == NO_SUCH_METHOD else 404


def _of_message(get: int = 200, post: int = NO_SUCH_METHOD, *more: str, sends: Mapping[str, str] | None = None) -> Rule:
    return Rule(READERS, get, post, ("message", *more), sends or {})


_LIST, _FORM, _FOR_ALL = Rule(SIGNED_IN), Rule(SIGNED_IN, 200, 422), Rule(EVERYBODY)
_ACT = {"next": "/"}

# By the name of the address, which may stand behind a word that tells two of that name apart.
RULES: Mapping[str, Rule] = {
    # Lists and what follows them: each person sees what is his.
    **dict.fromkeys(
        ("inbox", "archive", "sent", "starred", "trash", "snoozed", "spam", "search", "drafts", "outbox"), _LIST
    ),
    **dict.fromkeys(("beside", "live_list", "counters", "push_key", "contacts", "contact_list", "accounts"), _LIST),
    "keyboard": Rule(SIGNED_IN, 200, 302),
    "live": _LIST,
    "news": Rule(SIGNED_IN, 400),
    "label": Rule(OWNER, names=("label",)),
    "selection": Rule(READERS, NO_SUCH_METHOD, 302, sends={"verb": "star", "key": "@message"}),
    "selection_choices": Rule(READERS, NO_SUCH_METHOD, 200, ("choice",), {"key": "@message"}),
    "live_part": Rule(SIGNED_IN, 204),
    "standing": Rule(READERS, names=("message",)),
    "bulk": Rule(OWNER, 302, names=("bulk",)),
    "bulk_stop": Rule(OWNER, NO_SUCH_METHOD, 302, ("bulk",)),
    "bulk_undo": Rule(OWNER, NO_SUCH_METHOD, 302, ("bulk",)),
    # Taking back what somebody else has done does nothing and says nothing.
    "undo": Rule(SIGNED_IN, NO_SUCH_METHOD, 302, ("deed",), _ACT),
    **dict.fromkeys(("empty_trash", "empty_spam"), Rule(SIGNED_IN, 200, 302)),
    # One message, for whoever reads its account.
    **dict.fromkeys(("conversation", "body", "source", "original", "print", "headers", "files", "zip"), _of_message()),
    "followed": _of_message(204),
    **dict.fromkeys(("below", "above"), _of_message(302)),
    "choices": Rule(READERS, names=("message", "choice")),
    "act": Rule(READERS, NO_SUCH_METHOD, 302, ("message", "verb"), _ACT),
    "final act": Rule(SENDERS, NO_SUCH_METHOD, 302, ("message", "final verb"), _ACT),
    "rest": _of_message(NO_SUCH_METHOD, 302),
    "remote_choice": _of_message(NO_SUCH_METHOD, 302, sends={"images": "once"}),
    "remote_image": Rule(READERS, 202, names=("message", "token")),
    "receipt": Rule(SENDERS, NO_SUCH_METHOD, 302, ("message",)),
    "unsubscribe": Rule(READERS, 302, 302, ("message",), posters=SENDERS),
    "part": _of_message(200, NO_SUCH_METHOD, "text"),
    "file": _of_message(200, NO_SUCH_METHOD, "text"),
    "thumbnail": _of_message(200, NO_SUCH_METHOD, "picture"),
    **{name: _of_message(200, NO_SUCH_METHOD, "enclosed") for name in ("enclosed", "part's body", "part's zip")},
    "enclosed_images": _of_message(NO_SUCH_METHOD, 302, "enclosed", sends={"images": "once"}),
    # What a team does in its mailbox.
    **dict.fromkeys(("team_mine", "team_unassigned", "team_done"), _LIST),
    "team_now": _of_message(302),
    "note_add": _of_message(NO_SUCH_METHOD, 302, sends={"text": "x"}),
    "answering": _of_message(NO_SUCH_METHOD, 204),
    "note": Rule(OWNER, 200, 302, ("note",), {"text": "x"}),
    # Writing.
    # Who has no account to send from is told so.
    "compose": Rule(SIGNED_IN, 200, 302, sends={"do": "save", "to": "eve@far.test"}, posters=SENDERS, refusal=422),
    "draft": Rule(OWNER, 200, 302, ("draft",), {"do": "save"}),
    # Whether a text was stored is no secret, what is in it is: others hear that there is none.
    "draft_stamp": Rule(SIGNED_IN, names=("draft",)),
    "draft_picture": Rule(OWNER, names=("draft", "draft picture")),
    "draft_discard": Rule(OWNER, NO_SUCH_METHOD, 302, ("draft",)),
    # Whether there was such a draft is no secret, and none of others is brought back.
    "draft_bring_back": Rule(SIGNED_IN, NO_SUCH_METHOD, 302, ("draft",)),
    "outbox_state": Rule(READERS, 204, names=("outgoing",)),
    **{
        f"outbox_{name}": Rule(SENDERS, NO_SUCH_METHOD, 302, ("outgoing",))
        for name in ("retry", "seen", "when", "cancel")
    },
    "outbox_settle": Rule(SENDERS, NO_SUCH_METHOD, 400, ("outgoing",)),
    # Settings of the one who is signed in.
    "settings": Rule(SIGNED_IN, 200, 302),
    "appearance": _FORM,
    "identities": _FORM,
    "alias_new": _FORM,
    "notifications": _FORM,
    "labels": Rule(SIGNED_IN, 200, 200),
    "alias_remove": Rule(OWNER, NO_SUCH_METHOD, 302, sends={"remove": "@alias"}),
    "label_edit": Rule(OWNER, 200, 200, ("label",)),
    "label_delete": Rule(OWNER, 200, 302, ("label",)),
    "contact_forget": Rule(OWNER, NO_SUCH_METHOD, 302, ("contact",)),
    "trusted_senders": Rule(SIGNED_IN),
    "distrust": Rule(SIGNED_IN, NO_SUCH_METHOD, 302),
    "push_subscribe": Rule(SIGNED_IN, NO_SUCH_METHOD, 400),
    "push_unsubscribe": Rule(SIGNED_IN, NO_SUCH_METHOD, 302),
    # Only whoever runs the place invites.
    "invitations": Rule(ADMIN, 200, 200),
    "invitation_take_back": Rule(ADMIN, NO_SUCH_METHOD, 302, sends={"invitation": "@invitation"}),
    "leave": _FORM,
    "stay": Rule(SIGNED_IN, NO_SUCH_METHOD, 302),
    "move": _FORM,
    "move_answers": Rule(SIGNED_IN, NO_SUCH_METHOD, 302),
    "take_in": Rule(OWNER, 200, 302, ("account",)),
    "take_in_stop": Rule(OWNER, NO_SUCH_METHOD, 302, ("account", "import")),
    "export": _FORM,
    "export_file": Rule(OWNER, names=("export",)),
    "export_delete": Rule(OWNER, NO_SUCH_METHOD, 302, ("export",)),
    # Accounts are their owner's to change.
    "account_find": Rule(SIGNED_IN, NO_SUCH_METHOD, 422),
    "account_new": _FORM,
    "new account_test": Rule(SIGNED_IN, NO_SUCH_METHOD, 422),
    # Nobody has registered a client, and nobody has begun to sign in.
    "oauth_begin": Rule(SIGNED_IN, NO_SUCH_METHOD, 404),
    "oauth_by_code": Rule(SIGNED_IN, 400, 400),
    "oauth_back": Rule(SIGNED_IN, 400, names=("proof",)),
    "oauth_again": Rule(OWNER, 200, 200, ("account",)),
    "recent_mode": Rule(SIGNED_IN),
    "account": Rule(OWNER, 200, 422, ("account",)),
    "account_test": Rule(OWNER, NO_SUCH_METHOD, 422, ("account",)),
    "account_delete": Rule(OWNER, 200, 422, ("account",)),
    **dict.fromkeys(("check_now", "notice_seen"), Rule(OWNER, NO_SUCH_METHOD, 302, ("account",))),
    "account_health": Rule(OWNER, 302, names=("account",)),
    "pull_log": Rule(OWNER, names=("account",)),
    "arriving": Rule(OWNER, names=("account",)),
    "sharing": Rule(OWNER, 200, 422, ("account",), {"do": "add"}),
    "hand_over": Rule(OWNER, 200, 422, ("account",)),
    # The one to whom it is offered, who is an outsider until he accepts.
    "offered": Rule(frozenset({Role.OUTSIDER}), 200, 302, ("offer",), {"do": "accept"}),
    # The owner cannot leave, and has nothing to hide from himself.
    "account_leave": Rule(MEMBERS, 200, 302, ("account",)),
    "account_hide": Rule(MEMBERS, NO_SUCH_METHOD, 302, ("account",)),
    # For everybody.
    "healthz": _FOR_ALL,
    **dict.fromkeys(("manifest", "worker", "offline"), _FOR_ALL),
    # Signing in; who is signed in already is led on.
    "account_login": Rule(EVERYBODY, 302, 302, signed_out=(200, 200)),
    "account_logout": Rule(EVERYBODY, 200, 302, signed_out=(302, 302)),
    "account_inactive": Rule(EVERYBODY),
    "account_signup": Rule(EVERYBODY, 302, 302, signed_out=(200, 200)),
    "account_reset_password": Rule(EVERYBODY, 200, 200),
    "account_reset_password_done": Rule(EVERYBODY),
    "account_reset_password_from_key": Rule(EVERYBODY, 200, 200, ("person", "proof")),
    "account_reset_password_from_key_done": Rule(EVERYBODY),
    "account_confirm_email": Rule(EVERYBODY, 200, 404, ("proof",)),
    # There is no such invitation, and no such provider.
    "invitation": Rule(EVERYBODY, 404, 404, ("proof",)),
    "openid_connect_login": Rule(EVERYBODY, NO_SUCH_METHOD, 404, ("proof",)),
    "openid_connect_callback": Rule(EVERYBODY, 404, 404, ("proof",)),
    "socialaccount_login_cancelled": Rule(EVERYBODY),
    "socialaccount_login_error": Rule(SIGNED_IN, 401),
    "mfa_login_webauthn": Rule(EVERYBODY, 302, 302),
    "mfa_authenticate": Rule(EVERYBODY, 302, 302),
    "mfa_trust": Rule(EVERYBODY, 302, 302),
    # What guards the entrance, for the one who is signed in.
    "account_reauthenticate": Rule(SIGNED_IN, 200, 200),
    "mfa_reauthenticate": Rule(SIGNED_IN, 302, 302),
    "mfa_reauthenticate_webauthn": Rule(SIGNED_IN, 302, 302),
    **dict.fromkeys(("security", "mfa_index", "mfa_list_webauthn", "usersessions_list"), Rule(SIGNED_IN)),
    "account_set_password": Rule(SIGNED_IN, 302, 302),
    # An installation that writes no letters has none to confirm.
    "account_email": Rule(SIGNED_IN, 302, 302),
    "mfa_activate_totp": Rule(SIGNED_IN, 200, 200),
    # Nobody here has an app for codes.
    "mfa_deactivate_totp": Rule(NOBODY, 200, 200),
    "mfa_view_recovery_codes": Rule(NOBODY),
    "mfa_generate_recovery_codes": Rule(SIGNED_IN, 200, 200),
    "mfa_add_webauthn": Rule(SIGNED_IN, 200, 200),
    "mfa_edit_webauthn": Rule(OWNER, 200, 200, ("passkey",)),
    "mfa_remove_webauthn": Rule(OWNER, 200, 302, ("passkey",)),
    "session_end": Rule(NOBODY, NO_SUCH_METHOD, 302),
    "session_end_others": Rule(SIGNED_IN, NO_SUCH_METHOD, 302),
    "account_change_password": Rule(SIGNED_IN, 200, 200),
}
