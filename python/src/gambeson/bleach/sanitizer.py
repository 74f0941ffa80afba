"""Cleaning."""

import functools
import json
import re
import warnings

from .. import _worker
from . import _stream, html5lib_shim
from .css_sanitizer import CSSSanitizer

ALLOWED_TAGS = frozenset(
    "a abbr acronym b blockquote code em i li ol strong ul".split()
)

ALLOWED_ATTRIBUTES = {
    "a": ["href", "title"],
    "abbr": ["title"],
    "acronym": ["title"],
}

ALLOWED_PROTOCOLS = frozenset(["http", "https", "mailto"])

INVISIBLE_CHARACTERS = "".join(
    chr(c) for c in range(32) if c not in (9, 10, 13)
)
INVISIBLE_CHARACTERS_RE = re.compile("[" + INVISIBLE_CHARACTERS + "]", re.UNICODE)
INVISIBLE_REPLACEMENT_CHAR = "?"


class NoCssSanitizerWarning(UserWarning):
    """Style attributes are allowed, and nothing looks at them: they come out empty."""


def attribute_filter_factory(attributes):
    """The function of tag, name and value that a list, a dict or a callable stands for.

    :raises ValueError: for anything else
    """
    if callable(attributes):
        return attributes
    if isinstance(attributes, dict):

        def allowed(tag, name, value):
            for key in (tag, "*"):
                if key in attributes:
                    rule = attributes[key]
                    if callable(rule):
                        return rule(tag, name, value)
                    if name in rule:
                        return True
            return False

        return allowed
    if isinstance(attributes, list):
        return lambda tag, name, value: name in attributes
    raise ValueError("attributes needs to be a callable, a list or a dict")


_LISTS = (list, tuple, set, frozenset)


def _attributes(attributes):
    """The attributes for the worker, and whether it has to ask."""
    if callable(attributes):
        return True, True
    if isinstance(attributes, list):
        return sorted(attributes), False
    if not isinstance(attributes, dict):
        raise ValueError("attributes needs to be a callable, a list or a dict")
    asks = False
    rules = {}
    for tag, rule in attributes.items():
        if callable(rule) or not isinstance(rule, _LISTS):
            asks = True
            rules[tag] = True
        else:
            rules[tag] = list(rule)
    return rules, asks


class _Config:
    """A configuration of the worker's, and what answers its questions."""

    def __init__(self, tags, attributes, protocols, strip, strip_comments, css_sanitizer, linkify=None):
        self.attributes = attributes
        self.css = css_sanitizer
        self.linkify = linkify
        rules, asks = _attributes(attributes)
        config = {
            "mode": "clean",
            "tags": sorted(tags),
            "attributes": rules,
            "protocols": sorted(protocols),
            "strip": bool(strip),
            "strip_comments": bool(strip_comments),
        }
        if type(css_sanitizer) is CSSSanitizer:
            config["css"] = css_sanitizer._lists()
        elif css_sanitizer:
            config["ask_styles"] = asks = True
        if linkify is not None:
            config["linkify"] = linkify.config()
            asks = asks or linkify.asks
        self.bytes = json.dumps(config).encode("utf-8")
        self.answer = self._answer if asks else None

    def _answer(self, questions):
        if "attributes" in questions:
            allowed = attribute_filter_factory(self.attributes)
            return {"attributes": [bool(allowed(*q)) for q in questions["attributes"]]}
        if "styles" in questions:
            return {"styles": [self.css.sanitize_css(style) for style in questions["styles"]]}
        return self.linkify.answer(questions)


class Cleaner:
    """Cleans texts by one configuration. Other than Bleach's, it may be used by several threads.

    ``filters`` are classes, or partials of them, that are given ``source``, a stream of tokens,
    and are iterated; what they make of it is not cleaned again.
    """

    def __init__(
        self,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        protocols=ALLOWED_PROTOCOLS,
        strip=False,
        strip_comments=True,
        filters=None,
        css_sanitizer=None,
    ):
        self.tags = tags
        self.attributes = attributes
        self.protocols = protocols
        self.strip = strip
        self.strip_comments = strip_comments
        self.filters = filters or []
        self.css_sanitizer = css_sanitizer
        if css_sanitizer is None:
            names = []
            if isinstance(attributes, list):
                names = attributes
            elif isinstance(attributes, dict):
                for rule in attributes.values():
                    if isinstance(rule, (list, tuple)):
                        names.extend(rule)
            if "style" in names:
                warnings.warn(
                    "'style' attribute specified, but css_sanitizer not set.",
                    category=NoCssSanitizerWarning,
                    stacklevel=2,
                )

    def clean(self, text):
        """Clean a text.

        :raises TypeError: if it is none
        """
        if not isinstance(text, str):
            raise TypeError(
                f"argument cannot be of {text.__class__.__name__!r} type, must be of text type"
            )
        if not text:
            return ""
        filters = self.filters
        linkify = None
        if len(filters) == 1:
            linkify = _linkify_of(filters[0])
            if linkify is not None:
                filters = []
        config = _Config(
            self.tags, self.attributes, self.protocols, self.strip, self.strip_comments,
            self.css_sanitizer, linkify,
        )
        data = _worker.encode(text)
        if not filters:
            return _worker.call(b"x", config.bytes, data, config.answer).decode("utf-8")
        stream = _stream.decode(_worker.call(b"t", config.bytes, data, config.answer))
        for make in filters:
            stream = make(source=stream)
        return _stream.write(config.bytes, stream)


def _linkify_of(make):
    """The options of a LinkifyFilter, if that is what a filter is."""
    from .linkifier import LinkifyFilter, _Options

    options = {}
    while isinstance(make, functools.partial):
        if make.args:
            return None
        options = dict(make.keywords, **options)
        make = make.func
    if make is not LinkifyFilter or "source" in options:
        return None
    return _Options(**options)


class BleachSanitizerFilter(html5lib_shim.Filter):
    """A filter that cleans a stream of tokens."""

    def __init__(
        self,
        source,
        allowed_tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        allowed_protocols=ALLOWED_PROTOCOLS,
        attr_val_is_uri=html5lib_shim.attr_val_is_uri,
        svg_attr_val_allows_ref=html5lib_shim.svg_attr_val_allows_ref,
        svg_allow_local_href=html5lib_shim.svg_allow_local_href,
        strip_disallowed_tags=False,
        strip_html_comments=True,
        css_sanitizer=None,
    ):
        super().__init__(source)
        self.attr_filter = attribute_filter_factory(attributes)
        self._config = _Config(
            allowed_tags, attributes, allowed_protocols, strip_disallowed_tags,
            strip_html_comments, css_sanitizer,
        )

    def __iter__(self):
        data = _stream.encode(self.source)
        config = self._config
        return iter(_stream.decode(_worker.call(b"f", config.bytes, data, config.answer)))
