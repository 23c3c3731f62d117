"""The page on which a file of mail is uploaded into an account, and its import seen going on."""

import os
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import MailAccount
from mailbox import quotas
from mailbox.models import MailImport
from webmail.celery import wake
from webmail.htmx import render_screen
from webmail.keys import new_key

_SHOWN = 5


class ToDisk(FileUploadHandler):
    """Writes a file where the worker finds it, as it comes: nothing of it is held in memory, or copied later."""

    key = ""
    octets_count = 0
    problem = ""
    has_room = True

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.key, self.octets_count = new_key(), 0
        self.file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    @property
    def path(self) -> Path:
        return MailImport.folder() / self.key

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.octets_count += len(raw_data)
        if not self.has_room:
            self._give_up(_("Your room for mail is used up. Nothing of this file was imported."))
        if self.octets_count > settings.IMPORT_OCTETS_LIMIT:
            self._give_up(_("This file is too large. Nothing of it was imported."))
        try:
            self.file.write(raw_data)
        except OSError:
            self._give_up(_("There is no room for this file here. Nothing of it was imported."))

    def _give_up(self, problem: str) -> NoReturn:
        self.problem = problem
        self.upload_interrupted()
        # The rest is not waited for: it may be gigabytes.
        raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        self.file.close()
        if not self.octets_count:
            self.path.unlink(missing_ok=True)
            return None
        return UploadedFile(None, self.file_name, self.content_type, self.octets_count)

    def upload_interrupted(self) -> None:
        self.file.close()
        self.path.unlink(missing_ok=True)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: HttpRequest, key: str) -> HttpResponse:
    """Imports of an account. Whose it is, is known before an octet of a file is read; the token is checked after."""
    account = get_object_or_404(MailAccount.objects.owned_by(request.user).select_related("owner"), key=key)
    handler = ToDisk(request)
    handler.has_room = not quotas.is_full(account.owner)
    request.upload_handlers = [handler]
    return _checked(request, account, handler)


@csrf_protect
def _checked(request: HttpRequest, account: MailAccount, handler: ToDisk) -> HttpResponse:
    if request.method != "POST":
        return _page(request, account)
    uploaded = request.FILES.get("file")
    if problem := handler.problem or ("" if uploaded else _("Choose a file first.")):
        messages.error(request, problem)
        return redirect("take_in", account.key)
    name = Path(handler.file_name or "").name or _("file")
    row = MailImport(account=account, key=handler.key, file_name=name[:255], octets_count=handler.octets_count)
    row.save()
    wake("take_in", row.pk)
    return redirect("take_in", account.key)


@require_POST
def stop(request: HttpRequest, key: str, import_key: str) -> HttpResponse:
    """Import no more of a file; what came stays."""
    account = get_object_or_404(MailAccount.objects.owned_by(request.user), key=key)
    get_object_or_404(account.imports, key=import_key).stop()
    return redirect("take_in", account.key)


def _page(request: HttpRequest, account: MailAccount) -> HttpResponse:
    imports = list(account.imports.order_by("-pk")[:_SHOWN])
    context = {
        "here": "accounts",
        "mail_account": account,
        "imports": imports,
        "is_running": any(each.is_running for each in imports),
        "limit": settings.IMPORT_OCTETS_LIMIT,
        "space": quotas.limited(account.owner),
    }
    return render_screen(request, "mailbox/take_in", "_imports", context)
