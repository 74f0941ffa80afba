"""What test_gunicorn serves: it cleans at import, as applications do, and in each request."""

import os
import signal
import sys
from urllib.parse import parse_qs

from gambeson import _worker, bleach

TITLE = bleach.clean("<b>hello</b>")  # in the master, with --preload


def app(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""))
    text = query.get("text", [""])[0]
    if "kill" in query and _worker._current is not None:
        os.kill(_worker._current.process.pid, signal.SIGKILL)
    if "ask" in query:
        body = bleach.clean(text, attributes=lambda tag, name, value: name == "title")
    else:
        body = bleach.clean(text)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body.encode("utf-8")]


if __name__ == "__main__":
    sys.exit("gunicorn runs this")
