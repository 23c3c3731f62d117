"""Names the style sheets and scripts of a page: bundles, or the small files while DEBUG is on."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from webmail.bundles import script_paths, style_paths

register = template.Library()


@register.simple_tag
@cache
def styles(bundle: str) -> SafeString:
    """The links to the style sheets of a bundle."""
    links = ((static(path),) for path in style_paths(bundle))
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', links)


@register.simple_tag
@cache
def scripts(bundle: str) -> SafeString:
    """The scripts of a bundle, which run in their order when the page stands."""
    sources = ((static(path),) for path in script_paths(bundle))
    return format_html_join("\n", '<script src="{}" defer></script>', sources)


@register.simple_tag
@cache
def script_addresses(bundle: str) -> str:
    """The addresses of the scripts of a bundle, between spaces, for a script that loads them when they are wanted."""
    return " ".join(static(path) for path in script_paths(bundle))
