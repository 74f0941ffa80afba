"""Bleach, by another hand.

The names, defaults, exceptions, warnings and results are those of Bleach 6.3. To migrate, write
``from gambeson import bleach`` instead of ``import bleach``; docs/from-bleach.md says what
differs.
"""

from .linkifier import DEFAULT_CALLBACKS, Linker
from .sanitizer import ALLOWED_ATTRIBUTES, ALLOWED_PROTOCOLS, ALLOWED_TAGS, Cleaner

__version__ = "6.3.0"
__releasedate__ = "20251027"
__all__ = ["clean", "linkify"]


def clean(
    text,
    tags=ALLOWED_TAGS,
    attributes=ALLOWED_ATTRIBUTES,
    protocols=ALLOWED_PROTOCOLS,
    strip=False,
    strip_comments=True,
    css_sanitizer=None,
):
    """Clean a fragment of HTML.

    :arg str text: the text
    :arg tags: the tags that are allowed
    :arg attributes: the attributes that are allowed: a list, a dict by tag, or a callable
        that is given tag, name and value
    :arg protocols: the protocols that addresses may have
    :arg strip: drop tags that are not allowed, instead of escaping them
    :arg strip_comments: drop comments
    :arg css_sanitizer: an object whose ``sanitize_css`` cleans style attributes
    :returns: the text, cleaned
    :raises TypeError: if the text is none
    """
    return Cleaner(
        tags=tags,
        attributes=attributes,
        protocols=protocols,
        strip=strip,
        strip_comments=strip_comments,
        css_sanitizer=css_sanitizer,
    ).clean(text)


def linkify(text, callbacks=DEFAULT_CALLBACKS, skip_tags=None, parse_email=False):
    """Make links of what looks like an address in a fragment of HTML.

    :arg str text: the text
    :arg callbacks: what each link goes through, as (attrs, new) -> attrs or None
    :arg skip_tags: tags in which nothing becomes a link
    :arg parse_email: addresses of e-mail become links, too
    :returns: the text, with links
    :raises TypeError: if the text is none
    """
    return Linker(callbacks=callbacks, skip_tags=skip_tags, parse_email=parse_email).linkify(text)
