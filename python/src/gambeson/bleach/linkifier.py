"""Making links."""

import json
import re

from .. import _worker
from . import _stream, callbacks as linkify_callbacks, html5lib_shim

DEFAULT_CALLBACKS = [linkify_callbacks.nofollow]

TLDS = """ac ad ae aero af ag ai al am an ao aq ar arpa as asia at au aw ax az ba bb bd be bf bg
    bh bi biz bj bm bn bo br bs bt bv bw by bz ca cat cc cd cf cg ch ci ck cl cm cn co com coop cr
    cu cv cx cy cz de dj dk dm do dz ec edu ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg
    gh gi gl gm gn gov gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in info int io iq ir
    is it je jm jo jobs jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc
    md me mg mh mil mk ml mm mn mo mobi mp mq mr ms mt mu museum mv mw mx my mz na name nc ne net
    nf ng ni nl no np nr nu nz om org pa pe pf pg ph pk pl pm pn post pr pro ps pt pw py qa re ro
    rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tel tf tg th
    tj tk tl tm tn to tp tr travel tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws xn xxx
    ye yt yu za zm zw""".split()
TLDS.reverse()  # so that com is tried before co

# The patterns that the functions below have made, by what they are made of: the worker knows
# these itself, in linear time. Any other pattern is asked of Python.
_url_patterns = {}
_email_patterns = {}


def build_url_re(tlds=TLDS, protocols=html5lib_shim.allowed_protocols):
    """A pattern for addresses of pages with these top domains and protocols."""
    made = re.compile(
        r"""\(*\b(?<![@.])
            (?:(?:%s):/{0,3}(?:(?:\w+:)?\w+@)?)?
            ([\w-]+\.)+(?:%s)(?:\:[0-9]+)?(?!\.\w)\b
            (?:[/?][^\s\{\}\|\\\^`<>"]*)?"""
        % ("|".join(sorted(protocols)), "|".join(sorted(tlds))),
        re.IGNORECASE | re.VERBOSE | re.UNICODE,
    )
    _url_patterns[made.pattern] = _plain(tlds), _plain(protocols)
    return made


def build_email_re(tlds=TLDS):
    """A pattern for addresses of e-mail with these top domains."""
    made = re.compile(
        r"""(?<!//)
            (([-!#$%%&'*+/=?^_`{}|~0-9A-Z]+(\.[-!#$%%&'*+/=?^_`{}|~0-9A-Z]+)*
            |^"([\001-\010\013\014\016-\037!#-\[\]-\177]|\\[\001-\011\013\014\016-\177])*"
            )@(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+(?:%s))"""
        % "|".join(tlds),
        re.IGNORECASE | re.MULTILINE | re.VERBOSE,
    )
    _email_patterns[made.pattern] = _plain(tlds)
    return made


def _plain(words):
    """The words, if they are words and no patterns."""
    words = list(words)
    return words if all(re.match(r"[\w-]+\Z", word) for word in words) else None


URL_RE = build_url_re()
PROTO_RE = re.compile(r"^[\w-]+:/{0,3}", re.IGNORECASE)
EMAIL_RE = build_email_re()


class _Options:
    """The options of linkify for the worker, and what answers its questions."""

    def __init__(
        self,
        callbacks=DEFAULT_CALLBACKS,
        skip_tags=None,
        parse_email=False,
        url_re=URL_RE,
        email_re=EMAIL_RE,
        recognized_tags=None,
    ):
        self.callbacks = list(callbacks or ())
        self.skip_tags = skip_tags
        self.parse_email = parse_email
        self.url_re = url_re
        self.email_re = email_re
        self.recognized_tags = recognized_tags
        self.asks = False

    def config(self):
        config = {
            "skip_tags": sorted(self.skip_tags or ()),
            "parse_email": bool(self.parse_email),
        }
        known = {
            linkify_callbacks.nofollow: "nofollow",
            linkify_callbacks.target_blank: "target_blank",
        }
        if all(call in known for call in self.callbacks if call.__hash__ is not None) and all(
            call.__hash__ is not None for call in self.callbacks
        ):
            config["callbacks"] = [known[call] for call in self.callbacks]
        else:
            config["ask"] = self.asks = True
        if self.url_re is not URL_RE:
            tlds, protocols = _url_patterns.get(self.url_re.pattern, (None, None))
            if tlds is not None and protocols is not None:
                config["tlds"], config["protocols"] = tlds, protocols
            else:
                config["ask_pages"] = self.asks = True
        if self.email_re is not EMAIL_RE:
            tlds = _email_patterns.get(self.email_re.pattern)
            if tlds is not None:
                config["email_tlds"] = tlds
            else:
                config["ask_mails"] = self.asks = True
        if self.recognized_tags is not None:
            config["recognized_tags"] = sorted(self.recognized_tags)
        return config

    def apply(self, attrs, new):
        """Run a link through the callbacks; None drops it."""
        for call in self.callbacks:
            attrs = call(attrs, new)
            if attrs is None:
                return None
        return attrs

    def answer(self, questions):
        for kind, pattern in (("pages", self.url_re), ("mails", self.email_re)):
            if kind in questions:
                return {
                    "spans": [
                        [match.span() for match in pattern.finditer(text)]
                        for text in questions[kind]
                    ]
                }
        links = []
        for link in questions["links"]:
            attrs = {(_stream.space_of(space), name): value for space, name, value in link["attrs"]}
            attrs["_text"] = link["text"]
            attrs = self.apply(attrs, link["new"])
            if attrs is None:
                links.append(None)
                continue
            text = attrs.pop("_text", "")
            links.append(
                {
                    "attrs": [
                        [_stream.short_of(key[0]), key[1], str(value)]
                        for key, value in attrs.items()
                    ],
                    "text": str(text),
                }
            )
        return {"links": links}


def _program(options):
    config = {"mode": "linkify", "linkify": options.config()}
    return json.dumps(config).encode("utf-8"), options.answer if options.asks else None


class Linker:
    """Makes links by one configuration. It may be used by several threads."""

    def __init__(
        self,
        callbacks=DEFAULT_CALLBACKS,
        skip_tags=None,
        parse_email=False,
        url_re=URL_RE,
        email_re=EMAIL_RE,
        recognized_tags=html5lib_shim.HTML_TAGS,
    ):
        self.callbacks = callbacks
        self.skip_tags = skip_tags
        self.parse_email = parse_email
        self.url_re = url_re
        self.email_re = email_re
        self.recognized_tags = recognized_tags

    def linkify(self, text):
        """Make links in a text.

        :raises TypeError: if it is none
        """
        if not isinstance(text, str):
            raise TypeError("argument must be of text type")
        if not text:
            return ""
        config, answer = _program(
            _Options(
                self.callbacks, self.skip_tags, self.parse_email, self.url_re, self.email_re,
                None if self.recognized_tags is html5lib_shim.HTML_TAGS else self.recognized_tags,
            )
        )
        return _worker.call(b"x", config, _worker.encode(text), answer).decode("utf-8")


class LinkifyFilter(html5lib_shim.Filter):
    """A filter that makes links in a stream of tokens. As the only filter of a Cleaner it runs
    in the same step as the cleaning."""

    def __init__(
        self,
        source,
        callbacks=DEFAULT_CALLBACKS,
        skip_tags=None,
        parse_email=False,
        url_re=URL_RE,
        email_re=EMAIL_RE,
    ):
        super().__init__(source)
        self.callbacks = callbacks or []
        self.skip_tags = skip_tags or {}
        self.parse_email = parse_email
        self.url_re = url_re
        self.email_re = email_re

    def apply_callbacks(self, attrs, is_new):
        return _Options(self.callbacks).apply(attrs, is_new)

    def __iter__(self):
        config, answer = _program(
            _Options(self.callbacks, self.skip_tags, self.parse_email, self.url_re, self.email_re)
        )
        data = _stream.encode(self.source)
        return iter(_stream.decode(_worker.call(b"f", config, data, answer)))
