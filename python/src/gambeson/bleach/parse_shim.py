"""Addresses as Python 3.6 took them apart, which is what Bleach decides by."""

from urllib.parse import ParseResult, urlsplit as _urlsplit

_SCHEME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.")
_PARAMS = frozenset(
    ["", "ftp", "hdl", "prospero", "http", "imap", "https", "shttp", "rtsp", "rtspu", "sip",
     "sips", "mms", "sftp", "tel"]
)


def urlparse(url, scheme="", allow_fragments=True):
    """Take an address apart. ValueError if it cannot be one."""
    for char in "\t\r\n":
        url = url.replace(char, "")
    netloc = query = fragment = params = ""
    at = url.find(":")
    if at > 0 and _SCHEME.issuperset(url[:at]):
        rest = url[at + 1 :]
        # Nothing but digits is a port: then what stands before is a host.
        if url[:at] == "http" or not rest or rest.strip("0123456789"):
            scheme, url = url[:at].lower(), rest
    if url[:2] == "//":
        end = min([url.find(c, 2) for c in "/?#" if url.find(c, 2) >= 0] or [len(url)])
        netloc, url = url[2:end], url[end:]
        if ("[" in netloc) != ("]" in netloc):
            raise ValueError("Invalid IPv6 URL")
        if any(ord(c) > 127 for c in netloc):
            _urlsplit("//" + netloc)  # raises for what becomes another host
    if allow_fragments and "#" in url:
        url, fragment = url.split("#", 1)
    if "?" in url:
        url, query = url.split("?", 1)
    if scheme in _PARAMS and ";" in url:
        at = url.find(";", max(url.rfind("/"), 0))
        if at >= 0:
            url, params = url[:at], url[at + 1 :]
    return ParseResult(scheme, netloc, url, params, query, fragment)
