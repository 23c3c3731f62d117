"""The domains of this server's own maildrops."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import LocalMaildrop

# More domains than these are found by the search field.
_SHOWN = 50


class DomainFilter(admin.SimpleListFilter):
    """Local maildrops by their domain."""

    title = _("domain")
    parameter_name = "domain"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        addresses = LocalMaildrop.objects.values_list("address", flat=True)
        domains = sorted({address.rpartition("@")[2] for address in addresses.iterator()})
        return [(domain, domain) for domain in domains[:_SHOWN]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LocalMaildrop]) -> QuerySet[LocalMaildrop]:
        return queryset.filter(address__endswith=f"@{self.value()}") if self.value() else queryset
