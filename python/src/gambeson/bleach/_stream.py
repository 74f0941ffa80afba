"""Tokens between html5lib's dicts and the worker's JSON."""

import json

from .. import _worker
from .html5lib_shim import namespaces

_SPACES = {"": None, "svg": namespaces["svg"], "math": namespaces["mathml"]}
_SHORT = {uri: name for name, uri in _SPACES.items()}
_ATTRS = {"": None, "xlink": namespaces["xlink"], "xml": namespaces["xml"], "xmlns": namespaces["xmlns"]}
_ATTRS_SHORT = {uri: name for name, uri in _ATTRS.items()}


def space_of(name):
    """The namespace of an attribute, as html5lib writes it."""
    return _ATTRS.get(name, name)


def short_of(space):
    """The same as the worker writes it."""
    return _ATTRS_SHORT.get(space, space or "")


class Stream(list):
    """A stream of tokens that filters may iterate as often as they like."""


def decode(data):
    stream = Stream()
    for item in json.loads(data.decode("utf-8")) or ():
        kind = item["type"]
        token = {"type": kind}
        if kind in ("StartTag", "EmptyTag", "EndTag"):
            token["name"] = item["name"]
            token["namespace"] = _SPACES[item.get("namespace", "")]
            if kind != "EndTag":
                token["data"] = {
                    (space_of(space), name): value for space, name, value in item.get("attrs") or ()
                }
        elif kind == "Entity":
            token["name"] = item["name"]
        else:
            token["data"] = item.get("data", "")
        stream.append(token)
    return stream


def encode(stream):
    items = []
    for token in stream:
        kind = token["type"]
        if kind in ("Doctype", "ParseError", "SerializeError"):
            continue
        item = {"type": kind}
        if kind in ("StartTag", "EmptyTag", "EndTag"):
            item["name"] = token["name"]
            item["namespace"] = _SHORT.get(token.get("namespace"), "")
            data = token.get("data") or {}
            if kind != "EndTag" and data:
                item["attrs"] = [
                    [short_of(key[0]), key[1], str(value)] for key, value in data.items()
                ]
        elif kind == "Entity":
            item["name"] = token["name"]
        else:
            item["data"] = token.get("data") or ""
        items.append(item)
    return json.dumps(items).encode("utf-8")


def write(config, stream):
    return _worker.call(b"w", config, encode(stream)).decode("utf-8")
