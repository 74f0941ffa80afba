"""What links can go through."""


def nofollow(attrs, new=False):
    """Tell search engines that the link is nobody's recommendation."""
    href = attrs.get((None, "href"))
    if href is None or href.startswith("mailto:"):
        return attrs
    words = [word for word in attrs.get((None, "rel"), "").split(" ") if word]
    if "nofollow" not in [word.lower() for word in words]:
        words.append("nofollow")
    attrs[(None, "rel")] = " ".join(words)
    return attrs


def target_blank(attrs, new=False):
    """Open the link in a new window."""
    href = attrs.get((None, "href"))
    if href is not None and not href.startswith("mailto:"):
        attrs[(None, "target")] = "_blank"
    return attrs
