"""The filter sanitize."""

from django import template
from django.utils.safestring import mark_safe

from .. import policy

register = template.Library()


@register.filter
def sanitize(text, name="comment"):
    """The text, cleaned by the policy of this name and marked as safe to print."""
    return mark_safe(policy(name).clean("" if text is None else str(text)))
