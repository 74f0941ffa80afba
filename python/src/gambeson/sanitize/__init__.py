"""HTML of strangers, made safe to show, by a strict policy.

    from gambeson import sanitize

    sanitize.clean(text)                          # the preset comment
    sanitize.clean(text, preset="article")
    page = sanitize.Sanitizer(preset="email", styles=["color"])
    page.clean(text)
    page.report(text).removed                     # what was taken out, and why
    await sanitize.aclean(text)

Below every policy lies a floor: scripts, frames, event handlers and addresses that run never
come out, unless ``unsafe=True`` says so. Whatever goes wrong, nothing is let through: a text
that cannot be cleaned is escaped as a whole, and if the worker is lost, WorkerError is raised.
"""

import collections
import functools
import json

from .. import _worker
from .._worker import WorkerError

__all__ = ["Removal", "Report", "Sanitizer", "WorkerError", "aclean", "clean", "report"]

#: One thing that was taken out: what, of which tag, its name, how its value begins, and why.
Removal = collections.namedtuple("Removal", "what tag name value why")

#: A text that was cleaned: html, the list of what was removed, how many more removals there
#: were than the list has, and why it was escaped as a whole, or "".
Report = collections.namedtuple("Report", "html removed more escaped")

_LISTS = frozenset(
    "tags add_tags schemes drop_content styles classes rel".split()
)
_OPTIONS = _LISTS | frozenset(
    """preset attributes add_attributes relative base_url disallowed comments style_urls id_prefix
    data_attributes data_images templates linkify max_depth max_length unsafe""".split()
)


class Sanitizer:
    """A policy. It may be used by several threads.

    :arg preset: where it begins: text, comment, article, email or w3c-default; None for nothing
    :arg tags: the tags that may stay, instead of the preset's; ``add_tags`` more of them
    :arg attributes: by tag, ``"*"`` for all, a list of names; ``add_attributes`` more of them
    :arg schemes: the schemes of addresses
    :arg relative: addresses without one: "allow", "page" (only #...) or "deny"
    :arg base_url: what these are resolved against
    :arg disallowed: what becomes of other tags: "unwrap", "escape" or "drop"
    :arg drop_content: tags that go with what stands in them
    :arg styles: the CSS properties of style attributes; ``style_urls`` lets them name addresses
    :arg classes: the classes that may stay; a * at the end is all that begin so
    :arg id_prefix: what ids and names begin with, "user-content-" by default, so that they are
        no names in the page's own scripts; "" for nothing
    :arg rel: what links say of themselves
    :arg data_attributes, data_images, comments, linkify: keep or make them
    :arg templates: the page is a template in the browser: take out {{ and the like
    :arg max_depth, max_length: elements in one another, bytes of a text
    :arg unsafe: leave the floor away
    :raises TypeError: for options that there are not, and lists that are none

    What cannot be meant (a preset that is not there, a tag that no page is safe with) is a
    ValueError when the policy is first used.
    """

    def __init__(self, preset="comment", **policy):
        if preset is not None:
            policy["preset"] = preset
        unknown = sorted(set(policy) - _OPTIONS)
        if unknown:
            raise TypeError("a policy has no %s" % ", ".join(unknown))
        for name in _LISTS & set(policy):
            if isinstance(policy[name], str):
                raise TypeError("%s is a list" % name)
            policy[name] = sorted(policy[name]) if name != "rel" else list(policy[name])
        for name in ("attributes", "add_attributes"):
            if name in policy:
                if not isinstance(policy[name], dict) or any(
                    isinstance(names, str) for names in policy[name].values()
                ):
                    raise TypeError("%s is a dict of lists, by tag" % name)
                policy[name] = {tag: sorted(names) for tag, names in policy[name].items()}
        self._config = json.dumps({"mode": "strict", "policy": policy}, sort_keys=True).encode()

    def clean(self, text):
        """The text, cleaned. None is an empty text; anything else than str is a TypeError."""
        data = _data(text)
        return _worker.call(b"x", self._config, data).decode("utf-8") if data else ""

    def report(self, text):
        """The text, cleaned, and what was taken out of it."""
        found = json.loads(_worker.call(b"r", self._config, _data(text)).decode("utf-8"))
        removed = [
            Removal(*(item.get(name, "") for name in Removal._fields))
            for item in found.get("removed", ())
        ]
        return Report(found["html"], removed, found.get("more", 0), found.get("escaped", ""))

    async def aclean(self, text):
        """clean for asyncio: the loop goes on meanwhile."""
        import asyncio

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self.clean, text)


def _data(text):
    if text is None:
        return b""
    if not isinstance(text, str):
        raise TypeError("a text is a str, not %s" % type(text).__name__)
    return _worker.encode(text)


@functools.lru_cache(maxsize=256)
def _sanitizer(key):
    return Sanitizer(**json.loads(key))


def _of(policy):
    if not policy:
        return _sanitizer("{}")
    try:
        key = json.dumps(policy, sort_keys=True)
    except TypeError:  # sets and the like
        return Sanitizer(**policy)
    return _sanitizer(key)


def clean(text, **policy):
    """The text, cleaned by a Sanitizer with these options."""
    return _of(policy).clean(text)


def report(text, **policy):
    """The text, cleaned, and what was taken out of it."""
    return _of(policy).report(text)


async def aclean(text, **policy):
    """clean for asyncio."""
    return await _of(policy).aclean(text)
