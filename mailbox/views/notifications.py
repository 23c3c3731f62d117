"""Notifications: what each person wants to be told, and which browsers are told while their pages are closed."""

from datetime import timedelta
from typing import Any, cast

from allauth.account.signals import password_changed
from django import forms
from django.contrib import messages
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.browsers import browser_name
from accounts.models import MailAccount, User
from mailbox import fetcher, news, web
from mailbox.models import NotificationChoice, PushSubscription, VapidKey
from mailbox.models.push import stamp_of
from mailbox.web.push import browser_keys

# The name in the session of what this browser has subscribed to: it goes with the sign-out.
SESSION_KEY = "push"
# The longest that a page may have slept and still name what came meanwhile.
_LONGEST = timedelta(hours=12)
_MOST_BROWSERS = 20


class ChoiceForm(forms.Form):
    """What notifications show, and for which accounts they come."""

    shows = forms.ChoiceField(
        label=gettext_lazy("They show"),
        choices=[("sender", gettext_lazy("Sender and subject")), ("nothing", gettext_lazy("Only “New mail”"))],
        widget=forms.RadioSelect,
    )
    accounts = forms.ModelMultipleChoiceField(
        label=gettext_lazy("For mail to"),
        queryset=MailAccount.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, choice: NotificationChoice, data: Any = None) -> None:
        visible = MailAccount.objects.visible_to(choice.user)
        silenced = set(choice.silenced.values_list("pk", flat=True)) if choice.pk else set()
        chosen = [account.pk for account in visible if account.pk not in silenced]
        super().__init__(data, initial={"shows": "nothing" if choice.is_discreet else "sender", "accounts": chosen})
        cast("forms.ModelMultipleChoiceField[MailAccount]", self.fields["accounts"]).queryset = visible
        self.choice, self.visible = choice, visible

    @transaction.atomic
    def save(self) -> None:
        self.choice.is_discreet = self.cleaned_data["shows"] == "nothing"
        self.choice.save()
        self.choice.silenced.set(self.visible.exclude(pk__in=self.cleaned_data["accounts"]))


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """The switch of this browser, the others, and what is shown for which accounts."""
    user = cast("User", request.user)
    form = ChoiceForm(NotificationChoice.of(user), request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("Your choice is saved."))
        return redirect("notifications")
    context = {
        "here": "settings",
        "form": form,
        "browsers": user.push_subscriptions.all(),
        "own": request.session.get(SESSION_KEY),
    }
    return render(request, "mailbox/notifications/page.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_safe
def push_key(request: HttpRequest) -> HttpResponse:
    """The public key that a browser subscribes with."""
    return JsonResponse({"key": VapidKey.current().public})


@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """Note this browser, by what its push service gave it (RFC 8030, 4)."""
    user = cast("User", request.user)
    endpoint, keys = request.POST.get("endpoint", ""), (request.POST.get("p256dh", ""), request.POST.get("auth", ""))
    try:
        fetcher.check_push_address(endpoint)
        browser_keys(*keys)
    except web.Forbidden:
        return HttpResponseBadRequest(_("This is no push service."))
    name = browser_name(request.headers.get("User-Agent", ""))
    with transaction.atomic():
        kept = PushSubscription.keep(user, endpoint=endpoint, public_key=keys[0], secret=keys[1], browser=name)
        older = user.push_subscriptions.order_by("-made_at").values_list("pk", flat=True)[_MOST_BROWSERS:]
        PushSubscription.objects.filter(pk__in=list(older)).delete()
    request.session[SESSION_KEY] = kept.sha256
    return HttpResponse(status=204)


@require_POST
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """Forget a browser: the one that is named, else this one."""
    user = cast("User", request.user)
    named = request.POST.get("browser") or request.session.get(SESSION_KEY)
    user.push_subscriptions.filter(sha256=named).delete()
    if named == request.session.get(SESSION_KEY):
        request.session.pop(SESSION_KEY, None)
    return HttpResponse(status=204) if request.headers.get("HX-Request") else redirect("notifications")


@receiver(user_logged_out)
def forget_browser(request: HttpRequest, **_: object) -> None:
    """Whoever signs out is told no more in this browser."""
    if subscribed := request.session.get(SESSION_KEY):
        PushSubscription.objects.filter(sha256=subscribed).delete()


@receiver(password_changed)
def keep_browser(request: HttpRequest, user: User, **_: object) -> None:
    """A new password ends all other sessions of a person, and what they have subscribed to."""
    subscribed = user.push_subscriptions.filter(sha256=request.session.get(SESSION_KEY))
    subscribed.update(stamp=stamp_of(user))


@never_cache
@require_safe
def came(request: HttpRequest) -> HttpResponse:
    """What came in the last `within` seconds, for the notifications of an open page."""
    try:
        within = timedelta(seconds=float(request.GET.get("within", "")))
    except (ValueError, OverflowError):
        return HttpResponseBadRequest()
    since = timezone.now() - min(max(within, timedelta(0)), _LONGEST)
    found = news.came_since(cast("User", request.user), since)
    return JsonResponse(
        {"news": [{"title": each.title, "body": each.body, "url": each.url, "tag": each.tag} for each in found]}
    )
