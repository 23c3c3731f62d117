"""What a stranger's HTML and CSS may hold: the whole of it on one page, for whoever checks it.

Everything not named here is dropped. Elements and attributes are those of newsletters: tables, widths, colours.
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = _names("""
    a abbr acronym address article aside b bdi big blockquote br caption center cite code col colgroup dd del
    details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark
    menu nav nobr ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot
    th thead time tr tt u ul var wbr
""")
_CELL = _names("align valign bgcolor background width height colspan rowspan nowrap headers scope abbr")
ATTRIBUTES: dict[str, frozenset[str]] = {
    "*": _names("style class id align dir lang title bgcolor role"),
    "a": _names("href target"),
    "img": _names("src alt width height border hspace vspace"),
    "table": _names("width height border cellpadding cellspacing frame rules summary bordercolor background"),
    "td": _CELL,
    "th": _CELL,
    "tr": _names("valign height background"),
    "tbody": _names("valign background"),
    "thead": _names("valign background"),
    "tfoot": _names("valign background"),
    "col": _names("span width valign"),
    "colgroup": _names("span width valign"),
    "font": _names("color face size"),
    "hr": _names("color noshade size width"),
    "ol": _names("start type reversed"),
    "ul": _names("type"),
    "li": _names("value type"),
    "blockquote": _names("type"),
    "time": _names("datetime"),
    "details": _names("open"),
}
BODY_ATTRIBUTES = ("style", "bgcolor", "dir", "lang", "class", "id")
SCHEMES = _names("http https mailto tel data")

DROPPED_WHOLE = _names("""
    script style title textarea xmp iframe noembed noframes plaintext svg math object applet embed select option button
    template video audio canvas map frameset dialog portal
""")
VOID = _names("""
    area base br col embed hr img input link meta param source track wbr frame keygen basefont bgsound
""")
FORMATTING = _names("a b big code em font i nobr s small strike strong tt u")
"""Reopened by HTML in every following block until they are closed."""
CLOSED_BY_SIBLINGS = _names("p li dt dd tr td th thead tbody tfoot option optgroup colgroup caption")

_SIDES = ("", "-top", "-right", "-bottom", "-left")
_BORDERS = [f"border{side}{kind}" for side in _SIDES for kind in ("", "-width", "-style", "-color")]
_CORNERS = [f"border{corner}-radius" for corner in ("", "-top-left", "-top-right", "-bottom-left", "-bottom-right")]
PROPERTIES = frozenset(
    [f"margin{side}" for side in _SIDES] + [f"padding{side}" for side in _SIDES] + _BORDERS + _CORNERS
) | _names("""
    background background-color background-image background-position background-repeat background-size
    border-collapse border-spacing box-shadow box-sizing caption-side clear color direction display empty-cells
    float opacity order outline overflow overflow-wrap overflow-x overflow-y quotes table-layout
    vertical-align visibility flex flex-basis flex-direction flex-grow flex-shrink flex-wrap gap justify-content
    align-content align-items align-self column-count column-gap object-fit font font-family font-size
    font-style font-variant font-weight hyphens letter-spacing line-height list-style list-style-image
    list-style-position list-style-type height max-height max-width min-height min-width width text-align
    text-decoration text-decoration-color text-decoration-line text-decoration-style text-indent text-overflow
    text-shadow text-transform white-space word-break word-spacing word-wrap writing-mode mso-line-height-rule
    mso-table-lspace mso-table-rspace -webkit-text-size-adjust -ms-text-size-adjust
""")
IMAGE_PROPERTIES = _names("background background-image list-style list-style-image")
"""Those whose `url()` shows an image; in any other property it goes with its declaration."""
FUNCTIONS = _names("rgb rgba hsl hsla calc min max clamp linear-gradient radial-gradient")
PSEUDOS = _names("""
    link visited hover active focus first-child last-child only-child first-of-type last-of-type empty root not
    nth-child nth-of-type before after first-letter first-line
""")
