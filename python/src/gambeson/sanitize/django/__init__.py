"""For Django: put "gambeson.sanitize.django" into INSTALLED_APPS. Then

    {% load sanitize %} {{ comment.text|sanitize }} {{ page.body|sanitize:"article" }}

and gambeson.sanitize.django.forms has a field that cleans what it is given. Policies of one's
own have names in settings:

    GAMBESON_SANITIZE = {"shop": {"preset": "comment", "add_tags": ["img"]}}
"""

from .. import Sanitizer

_policies = {}


def policy(name):
    """The policy of this name: from the settings, or a preset."""
    from django.conf import settings

    named = getattr(settings, "GAMBESON_SANITIZE", {})
    options = named.get(name, {"preset": name})
    known = _policies.get(name)
    if known is None or known[0] != options:
        known = _policies[name] = (dict(options), Sanitizer(**options))
    return known[1]
