"""A filter for Jinja2:

    environment.filters["sanitize"] = gambeson.sanitize.jinja.sanitize
    {{ comment.text|sanitize }}    {{ page.body|sanitize("article") }}

or, with environment.add_extension: gambeson.sanitize.jinja.Sanitize.
"""

from jinja2.ext import Extension
from markupsafe import Markup

from . import clean


def sanitize(text, preset="comment", **policy):
    """The text, cleaned and marked as safe to print."""
    return Markup(clean("" if text is None else str(text), preset=preset, **policy))


class Sanitize(Extension):
    """Adds the filter to an environment."""

    def __init__(self, environment):
        super().__init__(environment)
        environment.filters["sanitize"] = sanitize
