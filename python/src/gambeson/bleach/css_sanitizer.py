"""What style attributes may say."""

import json

from .. import _worker

ALLOWED_CSS_PROPERTIES = frozenset(
    """azimuth background-color border-bottom-color border-collapse border-color
    border-left-color border-right-color border-top-color clear color cursor direction display
    elevation float font font-family font-size font-style font-variant font-weight height
    letter-spacing line-height overflow pause pause-after pause-before pitch pitch-range richness
    speak speak-header speak-numeral speak-punctuation speech-rate stress text-align
    text-decoration text-indent unicode-bidi vertical-align voice-family volume white-space
    width""".split()
)

ALLOWED_SVG_PROPERTIES = frozenset(
    """fill fill-opacity fill-rule stroke stroke-width stroke-linecap stroke-linejoin
    stroke-opacity""".split()
)


class CSSSanitizer:
    """Lets through the properties that are allowed. Values are not looked at."""

    def __init__(
        self,
        allowed_css_properties=ALLOWED_CSS_PROPERTIES,
        allowed_svg_properties=ALLOWED_SVG_PROPERTIES,
    ):
        self.allowed_css_properties = allowed_css_properties
        self.allowed_svg_properties = allowed_svg_properties

    def _lists(self):
        return {
            "properties": sorted(self.allowed_css_properties),
            "svg": sorted(self.allowed_svg_properties),
        }

    def sanitize_css(self, style):
        config = json.dumps({"mode": "clean", "css": self._lists()}, sort_keys=True)
        return _worker.call(b"s", config.encode(), _worker.encode(style)).decode("utf-8")
