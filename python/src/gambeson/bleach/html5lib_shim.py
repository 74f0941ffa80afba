"""The parts of html5lib that programs around Bleach meet: filters and references."""

import html.entities

namespaces = {
    "html": "http://www.w3.org/1999/xhtml",
    "mathml": "http://www.w3.org/1998/Math/MathML",
    "svg": "http://www.w3.org/2000/svg",
    "xlink": "http://www.w3.org/1999/xlink",
    "xml": "http://www.w3.org/XML/1998/namespace",
    "xmlns": "http://www.w3.org/2000/xmlns/",
}
prefixes = {uri: name for name, uri in namespaces.items()}
prefixes[namespaces["mathml"]] = "math"

HTML_TAGS = frozenset(
    """a abbr address area article aside audio b base bdi bdo blockquote body br button canvas
    caption cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed
    fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe
    img input ins kbd keygen label legend li link map mark menu meta meter nav noscript object ol
    optgroup option output p param picture pre progress q rp rt ruby s samp script section select
    slot small source span strong style sub summary sup table tbody td template textarea tfoot th
    thead time title tr track u ul var video wbr""".split()
)

HTML_TAGS_BLOCK_LEVEL = frozenset(
    """address article aside blockquote details dialog dd div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr li main nav ol p pre section table ul""".split()
)

rcdataElements = frozenset(
    ["style", "script", "xmp", "iframe", "noembed", "noframes", "noscript"]
)

allowed_protocols = frozenset(
    """ed2k ftp http https irc mailto news gopher nntp telnet webcal xmpp callto feed urn aim
    rsync tag ssh sftp rtsp afs data""".split()
)

attr_val_is_uri = frozenset(
    [(None, name) for name in
     "href src cite action longdesc poster background datasrc dynsrc lowsrc ping".split()]
    + [(namespaces["xlink"], "href"), (namespaces["xml"], "base")]
)

svg_attr_val_allows_ref = frozenset(
    (None, name) for name in
    """clip-path color-profile cursor fill filter marker marker-start marker-mid marker-end mask
    stroke""".split()
)

svg_allow_local_href = frozenset(
    (None, name) for name in
    """altGlyph animate animateColor animateMotion animateTransform cursor feImage filter
    linearGradient pattern radialGradient textpath tref set use""".split()
)

ENTITIES = html.entities.html5
_BEGINNINGS = {name[:end] for name in ENTITIES for end in range(1, len(name) + 1)}


class Filter:
    """A stream of tokens that goes through another one: iterate, and yield what is to be seen.
    Tokens are dicts with a type, as html5lib has them."""

    def __init__(self, source):
        self.source = source

    def __iter__(self):
        return iter(self.source)

    def __getattr__(self, name):
        return getattr(self.source, name)


def convert_entity(value):
    """The text that a reference stands for, by its name, or None."""
    if value[0] != "#":
        return ENTITIES.get(value)
    digits, base = value[1:], 10
    if digits[:1] in ("x", "X"):
        digits, base = digits[1:], 16
    if not digits:
        return None
    number = int(digits, base)
    return chr(number) if 0 < number < 0x110000 else None


def match_entity(stream):
    """The name of the reference that a text begins with, or None."""
    if stream[0] != "&":
        raise ValueError('Stream should begin with "&"')
    ends = "<&=; \t\n\r\x0b\x0c"
    if stream[1:2] == "#":
        at = 3 if stream[2:3] in ("x", "X") and stream[2:3] else 2
        digits = "0123456789abcdefABCDEF" if at == 3 else "0123456789"
        name = stream[1:at]
        while at < len(stream) and stream[at] not in ends:
            at += 1
            if stream[at - 1] not in digits:
                break
            name += stream[at - 1]
        return name if stream[at : at + 1] == ";" else None
    at = 1
    while at < len(stream) and stream[at] not in ends:
        at += 1
        if stream[1:at] not in _BEGINNINGS:
            return None
    return stream[1:at] if at > 1 and stream[at : at + 1] == ";" else None


def next_possible_entity(text):
    """Take a text apart before each &."""
    head, *tail = text.split("&")
    yield head
    for part in tail:
        yield "&" + part


def convert_entities(text):
    """Replace the references in a text by what they stand for."""
    if "&" not in text:
        return text
    parts = []
    for part in next_possible_entity(text):
        name = match_entity(part) if part.startswith("&") else None
        meaning = convert_entity(name) if name is not None else None
        if meaning is None:
            parts.append(part)
        else:
            parts.append(meaning + part[len(name) + 2 :])
    return "".join(parts)
