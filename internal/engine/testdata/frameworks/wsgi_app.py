import os, cgi, http.server, socketserver, urllib.parse
from pathlib import Path
def application(environ, start_response):
    q = urllib.parse.parse_qs(environ["QUERY_STRING"])
    os.system(q["x"][0])  # flow
    size = int(environ.get("CONTENT_LENGTH", 0))
    body = environ["wsgi.input"].read(size)
    os.system(body)  # flow
    start_response("200 OK", [("Content-Type", "text/html")])
    return [("<b>" + q["y"][0] + "</b>").encode()]  # flow
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        os.system(self.path[1:])  # flow
        p = urllib.parse.urlparse(self.path)
        os.system(urllib.parse.parse_qs(p.query)["c"][0])  # flow
        open("/srv" + self.path)  # flow
    def do_POST(self):
        n = int(self.headers["Content-Length"])
        d = self.rfile.read(n)
        eval(d)  # flow
        self.wfile.write(b"<b>" + d)  # flow
class T(socketserver.BaseRequestHandler):
    def handle(self):
        d = self.request.recv(1024)
        os.system(d.decode())  # flow
async def asgi(scope, receive, send):
    os.system(scope["path"])  # flow
    m = await receive()
    os.system(m["body"])  # flow


class Static:
    def __init__(self, folder, follow=False):
        self.folder = Path(folder).absolute()
        self.follow = follow

    def __call__(self, environ, start_response):
        full = self.folder.joinpath(environ["PATH_INFO"].lstrip("/"))
        if not self.follow:
            full = full.resolve()
            full.relative_to(self.folder.resolve())
        start_response("200 OK", [("Content-Type", "text/plain")])
        with open(full, "rb") as file:  # flow
            return [file.read()]


class Inside:
    def __init__(self, folder):
        self.folder = Path(folder).absolute()

    def __call__(self, environ, start_response):
        full = Path(os.path.normpath(self.folder.joinpath(environ["PATH_INFO"].lstrip("/"))))
        full.relative_to(self.folder)
        start_response("200 OK", [("Content-Type", "text/plain")])
        with open(full, "rb") as file:
            return [file.read()]
