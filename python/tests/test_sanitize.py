"""The strict face."""

import asyncio
import os
import unittest

from gambeson import sanitize


class Strict(unittest.TestCase):
    def test_clean(self):
        self.assertEqual(
            sanitize.clean("<p onclick=x>a<script>b</script> <b>c</b></p>"), "<p>a <b>c</b></p>"
        )
        self.assertEqual(sanitize.clean("<h1>a</h1>", preset="article"), "<h1>a</h1>")
        self.assertEqual(sanitize.clean("<u>a</u><b>c", preset=None, tags={"u"}), "<u>a</u>c")
        self.assertEqual(sanitize.clean(None), "")
        self.assertEqual(sanitize.clean("a\ud800<b>\x00c"), "a\ufffd<b>c</b>")
        self.assertEqual(
            sanitize.clean("<a id=x>y</a>", add_attributes={"a": {"id"}}),
            '<a id="user-content-x">y</a>',
        )
        with self.assertRaises(TypeError):
            sanitize.clean(b"x")

    def test_mistakes(self):
        with self.assertRaises(TypeError):
            sanitize.Sanitizer(tagz=[])
        with self.assertRaises(TypeError):
            sanitize.Sanitizer(tags="b")
        for attributes in (["title"], {"b": "title"}, "title"):
            with self.assertRaises(TypeError):
                sanitize.Sanitizer(attributes=attributes)
        with self.assertRaises(ValueError):
            sanitize.clean("x", add_tags=["script"])
        with self.assertRaises(ValueError):
            sanitize.clean("x", preset="no")
        self.assertIn("<iframe", sanitize.clean("<iframe>", add_tags=["iframe"], unsafe=True))

    def test_report(self):
        report = sanitize.report("<a href=javascript:x>y</a>")
        self.assertEqual(report.html, "<a>y</a>")
        self.assertEqual(
            report.removed,
            [("attribute", "a", "href", "javascript:x", "the scheme javascript is not allowed")],
        )
        self.assertEqual(sanitize.report("<div>" * 600).escaped, "the text is nested too deeply")

    def test_asyncio(self):
        async def many():
            return await asyncio.gather(*(sanitize.aclean("<b>%d<i>" % n) for n in range(50)))

        self.assertEqual(
            asyncio.run(many()), ["<b>%d<i></i></b>" % n for n in range(50)]
        )


class Helpers(unittest.TestCase):
    def missing(self, library, need):
        """Skip the test, or fail it where GAMBESON_REQUIRE says that nothing is missing."""
        if need in os.environ.get("GAMBESON_REQUIRE", "").split(","):
            self.fail("there is no " + library)
        self.skipTest("there is no " + library)

    def test_jinja(self):
        try:
            import jinja2
        except ImportError:
            self.missing("Jinja2", "frameworks")
        environment = jinja2.Environment(
            autoescape=True, extensions=["gambeson.sanitize.jinja.Sanitize"]
        )
        page = environment.from_string("{{ x }} {{ x|sanitize }} {{ x|sanitize('text') }}")
        self.assertEqual(page.render(x="<b onclick=y>z</b>"), "&lt;b onclick=y&gt;z&lt;/b&gt; <b>z</b> z")

    def test_markdown(self):
        try:
            import markdown
        except ImportError:
            self.missing("Markdown", "frameworks")
        from gambeson.sanitize.markdown import render

        text = "# *Hi*\n\n[x](javascript:alert(1)) <script>y</script> <b onclick=z>w</b>"
        want = "<h1><em>Hi</em></h1>\n<p><a>x</a>  <b>w</b></p>"
        self.assertEqual(render(text), want)
        self.assertEqual(markdown.markdown(text, extensions=["gambeson.sanitize.markdown"]), want)

    def test_django(self):
        try:
            import django
            from django.conf import settings
        except ImportError:
            self.missing("Django", "django")
        if not settings.configured:
            settings.configure(
                INSTALLED_APPS=["gambeson.sanitize.django"],
                TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
                GAMBESON_SANITIZE={"shop": {"preset": "text", "tags": ["u"]}},
            )
            django.setup()
        from django.template import engines

        from gambeson.sanitize.django.forms import SanitizedCharField

        page = engines["django"].from_string(
            "{% load sanitize %}{{ x|sanitize }} {{ x|sanitize:'shop' }}"
        )
        self.assertEqual(page.render({"x": "<b onclick=y>z</b><u>v</u>"}), "<b>z</b><u>v</u> z<u>v</u>")
        field = SanitizedCharField(policy="text")
        self.assertEqual(field.clean("<b>x</b>"), "x")
        from django.core.exceptions import ValidationError

        with self.assertRaises(ValidationError):  # nothing is left of it
            field.clean("<script>x</script>")
        self.assertEqual(SanitizedCharField(required=False).clean(None), "")
        self.assertEqual(page.render({"x": None}), " ")


if __name__ == "__main__":
    unittest.main()
