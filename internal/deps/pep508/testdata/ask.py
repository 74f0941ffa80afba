"""What packaging says of requirements and markers: JSON in, JSON out."""
import json
import sys

import packaging
from packaging.markers import InvalidMarker, Marker, UndefinedComparison, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion


def requirement(text):
    try:
        r = Requirement(text)
    except (ValueError, SyntaxError):  # InvalidRequirement, and what the others forgot
        return None
    return {
        "Name": r.name,
        "Normal": canonicalize_name(r.name),
        "Extras": sorted(r.extras),
        "Specifiers": sorted(str(s) for s in r.specifier),
        "URL": r.url or "",
        "Marker": str(r.marker or ""),
    }


def evaluate(text, environment):
    try:
        marker = Marker(text)
    except (InvalidMarker, SyntaxError):
        return "invalid"
    full = {name: "" for name in default_environment()}
    full["extra"] = ""
    full.update(environment)
    try:
        return str(marker.evaluate(full)).lower()
    except (InvalidVersion, UndefinedComparison):
        return "undefined"


questions = json.load(sys.stdin)
json.dump(
    {
        "Version": packaging.__version__,
        "Requirements": [requirement(text) for text in questions["Requirements"]],
        "Markers": [evaluate(m["Marker"], m["Environment"]) for m in questions["Markers"]],
    },
    sys.stdout,
)
