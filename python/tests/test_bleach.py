"""gambeson.bleach does what bleach does: the recorded calls, the callables, the filters."""

import functools
import inspect
import json
import os
import unittest
import warnings

from gambeson import bleach
from gambeson.bleach import callbacks, html5lib_shim, linkifier, sanitizer
from gambeson.bleach.css_sanitizer import CSSSanitizer
from gambeson.bleach.linkifier import Linker, LinkifyFilter
from gambeson.bleach.sanitizer import BleachSanitizerFilter, Cleaner, NoCssSanitizerWarning

VECTORS = os.path.join(
    os.path.dirname(__file__), "..", "..", "..", "shared", "data", "bleach-vectors.json"
)


class Recorded(unittest.TestCase):
    def test_all(self):
        if not os.path.exists(VECTORS):
            if "shared" in os.environ.get("GAMBESON_REQUIRE", "").split(","):
                self.fail("no recorded calls")
            self.skipTest("no recorded calls")
        with open(VECTORS, encoding="utf-8") as file:
            vectors = json.load(file)
        for vector in vectors:
            cfg = vector["cfg"]
            if vector["op"] == "clean":
                css = cfg["css"]
                call = Cleaner(
                    cfg["tags"], cfg["attributes"], cfg["protocols"], cfg["strip"],
                    cfg["strip_comments"],
                    [LinkifyFilter] if cfg["filters"] else [],
                    css and CSSSanitizer(css["css"], css["svg"]),
                ).clean
            else:
                call = Linker(
                    [getattr(callbacks, name) for name in cfg["callbacks"]],
                    cfg["skip_tags"], cfg["parse_email"], recognized_tags=cfg["recognized_tags"],
                ).linkify
            with self.subTest(vector["node"]):
                self.assertEqual(call(vector["in"]), vector["out"])

    def setUp(self):
        warnings.simplefilter("ignore", NoCssSanitizerWarning)


class Face(unittest.TestCase):
    def test_signatures(self):
        for call, want in (
            (bleach.clean, "text tags attributes protocols strip strip_comments css_sanitizer"),
            (bleach.linkify, "text callbacks skip_tags parse_email"),
            (Cleaner, "tags attributes protocols strip strip_comments filters css_sanitizer"),
            (Linker, "callbacks skip_tags parse_email url_re email_re recognized_tags"),
            (LinkifyFilter, "source callbacks skip_tags parse_email url_re email_re"),
            (CSSSanitizer, "allowed_css_properties allowed_svg_properties"),
        ):
            self.assertEqual(" ".join(inspect.signature(call).parameters), want)

    def test_names(self):
        for module, names in (
            (bleach, "ALLOWED_ATTRIBUTES ALLOWED_PROTOCOLS ALLOWED_TAGS Cleaner DEFAULT_CALLBACKS "
                     "Linker clean linkify __version__"),
            (sanitizer, "INVISIBLE_CHARACTERS INVISIBLE_CHARACTERS_RE INVISIBLE_REPLACEMENT_CHAR "
                        "BleachSanitizerFilter attribute_filter_factory"),
            (linkifier, "TLDS URL_RE EMAIL_RE PROTO_RE build_url_re build_email_re"),
            (callbacks, "nofollow target_blank"),
        ):
            for name in names.split():
                self.assertTrue(hasattr(module, name), name)
        self.assertEqual(len(linkifier.TLDS), 274)
        self.assertEqual(len(html5lib_shim.HTML_TAGS), 112)

    def test_errors(self):
        for text in (b"x", None, 1, ["x"]):
            with self.assertRaises(TypeError):
                bleach.clean(text)
            with self.assertRaises(TypeError):
                bleach.linkify(text)
        with self.assertRaises(ValueError):
            bleach.clean("<b a=1>", attributes=("a",))
        self.assertEqual(bleach.clean(""), "")
        self.assertEqual(bleach.linkify(""), "")

    def test_warning(self):
        with self.assertWarns(NoCssSanitizerWarning):
            bleach.clean("", attributes=["style"])
        with self.assertWarns(NoCssSanitizerWarning):
            bleach.clean("", attributes={"p": ["style"]})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            bleach.clean("", attributes=["style"], css_sanitizer=CSSSanitizer())

    def test_surrogates(self):
        self.assertEqual(bleach.clean("a\ud800b<i>\udfff"), "a\ufffdb<i>\ufffd</i>")
        self.assertEqual(bleach.clean("\U0001f600"), "\U0001f600")


class Callables(unittest.TestCase):
    def test_attributes(self):
        asked = []

        def allow(tag, name, value):
            asked.append((tag, name, value))
            return name == "title" or value.startswith("https:")

        text = '<a href="https://x" title=a onclick=b>c</a><a href="http://x">d</a><p title=e>'
        self.assertEqual(
            bleach.clean(text, attributes=allow),
            '<a href="https://x" title="a">c</a><a>d</a>&lt;p title=e&gt;',
        )
        self.assertEqual(
            asked,
            [("a", "href", "https://x"), ("a", "title", "a"), ("a", "onclick", "b"), ("a", "href", "http://x")],
        )
        del asked[:]
        self.assertEqual(
            bleach.clean(text, attributes={"a": allow, "*": ["onclick"]}),
            '<a href="https://x" title="a">c</a><a>d</a>&lt;p title=e&gt;',
        )

    def test_attributes_fall_through_to_star(self):
        self.assertEqual(
            bleach.clean("<a title=x id=y>", attributes={"a": ["title"], "*": lambda t, n, v: n == "id"}),
            '<a title="x" id="y"></a>',
        )

    def test_a_callable_may_fail(self):
        def fail(tag, name, value):
            raise KeyError(name)

        for _ in range(3):
            with self.assertRaises(KeyError):
                bleach.clean("<a href=x>", attributes=fail)
        self.assertEqual(bleach.clean("<b>"), "<b></b>")

    def test_a_callable_may_clean(self):
        def allow(tag, name, value):
            return bleach.clean(value) == value

        self.assertEqual(
            bleach.clean("<a title='<b>' href=x>", attributes=allow), '<a href="x"></a>'
        )

    def test_link_callbacks(self):
        seen = []

        def shorten(attrs, new=False):
            seen.append((attrs.get((None, "href")), new))
            if new:
                attrs["_text"] = attrs["_text"][:6] + "<"
                attrs[(None, "class")] = "new"
                return attrs
            return None if attrs["_text"] == "drop" else attrs

        self.assertEqual(
            bleach.linkify("<a href=y>drop</a> <a href=z>keep</a> example.com", [shorten]),
            'drop <a href="z">keep</a> <a href="http://example.com" class="new">exampl&lt;</a>',
        )
        self.assertEqual(seen, [("y", False), ("z", False), ("http://example.com", True)])

    def test_patterns(self):
        import re

        self.assertEqual(
            Linker(url_re=re.compile("é[0-9]+")).linkify("ü é12 é é3"),
            'ü <a href="http://é12" rel="nofollow">é12</a> é <a href="http://é3" rel="nofollow">é3</a>',
        )
        only = linkifier.build_url_re(tlds=["foo"], protocols=["x"])
        self.assertEqual(
            Linker(url_re=only).linkify("a.com x://b.foo"),
            'a.com <a href="x://b.foo" rel="nofollow">x://b.foo</a>',
        )
        mail = linkifier.build_email_re(tlds=["foo"])
        self.assertEqual(
            Linker(email_re=mail, parse_email=True, callbacks=[]).linkify("a@b.com a@b.foo"),
            'a@b.com <a href="mailto:a@b.foo">a@b.foo</a>',
        )
        words = re.compile("@[a-z]+")
        self.assertEqual(
            Linker(email_re=words, parse_email=True, callbacks=[]).linkify("hi @jo x.com"),
            'hi <a href="mailto:@jo">@jo</a> <a href="http://x.com">x.com</a>',
        )

    def test_own_css_sanitizer(self):
        class Loud:
            def sanitize_css(self, style):
                return style.upper()

        self.assertEqual(
            bleach.clean("<b style='a: b'>", attributes=["style"], css_sanitizer=Loud()),
            '<b style="A: B"></b>',
        )

    def test_css_alone(self):
        self.assertEqual(CSSSanitizer(["color"]).sanitize_css("color: red; top: 1px"), "color: red;")


class Filters(unittest.TestCase):
    def test_own(self):
        class Shout(html5lib_shim.Filter):
            def __iter__(self):
                for token in super().__iter__():
                    if token["type"] == "Characters":
                        token["data"] = token["data"].upper()
                    if token["type"] == "StartTag":
                        token["data"][(None, "class")] = "x"
                    yield token

        cleaner = Cleaner(filters=[Shout, functools.partial(LinkifyFilter, skip_tags=["b"])])
        self.assertEqual(
            cleaner.clean("a &lt; <b>b.com</b> c.com"),
            'A &lt; <b class="x">B.COM</b> <a href="http://C.COM" rel="nofollow">C.COM</a>',
        )

    def test_linkify_in_one_step(self):
        cleaner = Cleaner(tags={"pre"}, filters=[functools.partial(LinkifyFilter, skip_tags={"pre"}, callbacks=[])])
        self.assertEqual(
            cleaner.clean("<pre>a.com</pre> b.com"),
            '<pre>a.com</pre> <a href="http://b.com">b.com</a>',
        )

    def test_sanitizer_filter(self):
        tokens = [
            {"type": "StartTag", "name": "i", "namespace": None, "data": {(None, "a"): "1"}},
            {"type": "Characters", "data": "x"},
            {"type": "EndTag", "name": "i", "namespace": None},
        ]
        self.assertEqual(
            list(BleachSanitizerFilter(tokens)),
            [
                {"type": "StartTag", "name": "i", "namespace": None, "data": {}},
                {"type": "Characters", "data": "x"},
                {"type": "EndTag", "name": "i", "namespace": None},
            ],
        )


class Bleach(unittest.TestCase):
    """The helpers, held against Bleach where it is installed."""

    def test_references(self):
        for text, want in (
            ("&nbsp;", "\xa0"), ("&#32;", " "), ("&#x20;", " "), ("&xx;", "&xx;"), ("&#x;", "&#x;"),
            ("&#x110000;", "&#x110000;"), ("a &amp; b &amp;", "a & b &"), ("&#-1;", "&#-1;"), ("&amp", "&amp"),
        ):
            self.assertEqual(html5lib_shim.convert_entities(text), want)


if __name__ == "__main__":
    unittest.main()
