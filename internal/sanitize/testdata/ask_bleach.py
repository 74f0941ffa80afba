"""What Bleach answers: calls as JSON in, results as JSON out."""
import json
import sys
import warnings

warnings.simplefilter("ignore")
import bleach  # noqa: E402
from bleach.linkifier import Linker, LinkifyFilter  # noqa: E402
from bleach.sanitizer import Cleaner  # noqa: E402

try:
    from bleach.css_sanitizer import CSSSanitizer
except ImportError:
    CSSSanitizer = None

asked = json.load(sys.stdin)
configs = []
for c in asked["configs"]:
    if c.get("linkify_only"):
        configs.append(Linker(parse_email=True).linkify)
        continue
    css = c["css"] and CSSSanitizer(allowed_css_properties=c["css"], allowed_svg_properties=[])
    configs.append(Cleaner(
        tags=c["tags"], attributes=c["attributes"], protocols=c["protocols"], strip=c["strip"],
        strip_comments=c["strip_comments"], css_sanitizer=css or None,
        filters=[LinkifyFilter] if c["linkify"] else [],
    ).clean)

out = []
for text in asked["texts"]:
    row = []
    for call in configs:
        try:
            row.append(call(text))
        except Exception as e:
            row.append("!" + type(e).__name__)
    out.append(row)
json.dump({"version": bleach.__version__, "answers": out}, sys.stdout)
