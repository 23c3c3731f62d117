"""What is wrong with a message that cannot be sent, in the reader's language: `mailbox.mime` knows English only."""

from django.utils.translation import gettext_lazy as _

from mailbox.mime.compose import Problem, Unfit

_SENTENCES = {
    Problem.NO_ADDRESS: _("An empty line is not an address."),
    Problem.NOT_AN_ADDRESS: _("%(value)s is not an address."),
    Problem.NOT_ASCII: _("%(value)s: only ASCII letters can stand before the @ of an address."),
    Problem.TOO_LONG: _("%(value)s is too long for an address."),
    Problem.NO_SUCH_DOMAIN: _(
        "%(value)s is not an address: nothing can be sent to what stands behind the @.",
    ),
    Problem.LINE_BREAK: _("A line break cannot stand here."),
    Problem.NOT_UNICODE: _("This holds characters that cannot be sent."),
    Problem.MESSAGE_ID: _("This message id cannot be sent."),
    Problem.FILE_NAME: _("The file name “%(value)s” cannot be used."),
    Problem.MEDIA_TYPE: _("The type of the file “%(value)s” cannot be used."),
    Problem.NO_RECIPIENT: _("Say who this message is for: it has no recipient yet."),
    Problem.TOO_LARGE: _("With its files the message is larger than %(value)s MB."),
    Problem.NOT_YOURS: _("You may not write as %(value)s any more. Choose another sender."),
}


def in_words(error: Unfit) -> str:
    """Return the sentence about `error` in the language that is active."""
    return str(_SENTENCES[error.problem]) % {"value": error.value}
