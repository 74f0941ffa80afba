"""What packaging says of versions, orders and conditions: JSON in, JSON out."""
import json
import sys

import packaging
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version


def version(text):
    try:
        v = Version(text)
    except InvalidVersion:
        return None
    return {
        "Text": str(v),
        "Public": v.public,
        "Base": v.base_version,
        "Local": v.local or "",
        "Release": list(v.release),
        "Epoch": v.epoch,
        "Pre": v.is_prerelease,
        "Post": v.is_postrelease,
        "Dev": v.is_devrelease,
    }


def valid(text):
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


questions = json.load(sys.stdin)
parsed = {}


def known(text):
    if text not in parsed:
        parsed[text] = Version(text)
    return parsed[text]


def order(a, b):
    a, b = known(a), known(b)
    return (a > b) - (a < b)


json.dump(
    {
        "Version": packaging.__version__,
        "Versions": [version(text) for text in questions["Versions"]],
        "Orders": [order(a, b) for a, b in questions["Orders"]],
        "Valid": [valid(text) for text in questions["Sets"]],
        "Contains": [
            SpecifierSet(q["Set"]).contains(known(q["Version"]), prereleases=q["Pre"])
            for q in questions["Pairs"]
        ],
    },
    sys.stdout,
)
