"""Markdown of strangers:

    gambeson.sanitize.markdown.render(text)

or, as an extension of the Markdown library, whose output is then safe to show:

    markdown.markdown(text, extensions=["gambeson.sanitize.markdown"])
    markdown.markdown(text, extensions=[SanitizeExtension(preset="comment")])
"""

import markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

from . import Sanitizer


class SanitizeExtension(Extension):
    """Cleans what Markdown makes, after all other steps."""

    def __init__(self, preset="article", **policy):
        self.sanitizer = Sanitizer(preset=preset, **policy)
        super().__init__()

    def extendMarkdown(self, md):
        sanitizer = self.sanitizer

        class Sanitize(Postprocessor):
            def run(self, text):
                return sanitizer.clean(text)

        # The lowest number runs last.
        md.postprocessors.register(Sanitize(md), "gambeson_sanitize", -1000)


def makeExtension(**options):
    return SanitizeExtension(**options)


def render(text, preset="article", extensions=(), **policy):
    """Markdown to HTML that is safe to show."""
    return markdown.markdown(
        text, extensions=list(extensions) + [SanitizeExtension(preset=preset, **policy)]
    )
