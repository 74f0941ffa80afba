"""Addresses: which checks fix where a browser or this program goes."""
import ipaddress
import posixpath
import re
import socket
from functools import wraps
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urljoin, urlparse, urlsplit

import httpx
import requests
from flask import Flask, abort, redirect, request, url_for
from markupsafe import escape

app = Flask(__name__)
HOSTS = {"a.example", "b.example"}
HOST = "a.example"
ROOT = Path("/srv/files")


@app.route("/r1")
def r1():
    return redirect(request.args["next"])  # flow


@app.route("/r2")
def r2():
    n = request.args["next"]
    u = urlparse(n)
    if u.scheme or u.netloc:
        abort(400)
    return redirect(n)


@app.route("/r3")
def r3():
    n = request.args["next"]
    if urlparse(n).netloc:
        return redirect("/")
    return redirect(n)


@app.route("/r4")
def r4():
    n = request.args["next"]
    if urlparse(n).netloc != "":
        return redirect("/")
    return redirect(n)


@app.route("/r5")
def r5():
    n = request.args["next"]
    if urlparse(n).scheme:
        return redirect("/")
    return redirect(n)  # flow


@app.route("/r6")
def r6():
    n = request.args["next"]
    if not n.startswith("/"):
        abort(400)
    return redirect(n)  # flow


@app.route("/r7")
def r7():
    n = request.args["next"]
    if not n.startswith("/") or n.startswith("//"):
        abort(400)
    return redirect(n)


def is_safe(target):
    ref = urlparse(request.host_url)
    test = urlparse(urljoin(request.host_url, target))
    return test.scheme in ("http", "https") and ref.netloc == test.netloc


@app.route("/r8")
def r8():
    n = request.args["next"]
    if not is_safe(n):
        abort(400)
    return redirect(n)


@app.route("/r9")
def r9():
    n = request.args["next"]
    if is_safe(n):
        abort(400)
    return redirect(n)  # flow


@app.route("/r10")
def r10():
    n = request.args.get("next")
    if not n or urlsplit(n).netloc != "":
        n = url_for("r1")
    return redirect(n)


@app.route("/r11")
def r11():
    n = request.args.get("next")
    if not n or urlsplit(n).netloc == "":
        n = url_for("r1")
    return redirect(n)  # flow


@app.route("/r12")
def r12():
    return redirect("/go/" + request.args["x"])


@app.route("/r13")
def r13():
    return redirect("/" + request.args["x"])  # flow


@app.route("/r14")
def r14():
    return redirect(request.host_url + request.args["x"])


@app.route("/r15")
def r15():
    return redirect(url_for("r1", next=request.args["x"]))


@app.route("/r16")
def r16():
    n = request.args["next"]
    if HOST not in n:
        abort(400)
    return redirect(n)  # flow


@app.route("/r17")
def r17():
    n = request.args["next"]
    u = urlparse(n)
    if u.netloc and u.netloc != request.host:
        abort(400)
    return redirect(n)


@app.route("/r18")
def r18():
    n = request.args["next"]
    u = urlparse(n)
    return redirect(u.path)  # flow


@app.route("/r19")
def r19():
    n = request.args["next"]
    if not re.match(r"^/[a-z]+$", n):
        abort(400)
    return redirect(n)


@app.route("/r20")
def r20():
    n = request.args["next"]
    if not re.match(r"https://a\.example/", n):
        abort(400)
    return redirect(n)


@app.route("/r21")
def r21():
    n = request.args["next"]
    if not re.match(r"https://a\.example", n):
        abort(400)
    return redirect(n)  # flow


@app.route("/r22")
def r22():
    n = request.args["next"]
    if not re.search(r"https://a\.example/", n):
        abort(400)
    return redirect(n)  # flow


@app.route("/f1")
def f1():
    requests.get(request.args["u"], timeout=5)  # flow
    return "x"


@app.route("/f2")
def f2():
    u = request.args["u"]
    if urlparse(u).hostname not in HOSTS:
        abort(400)
    requests.get(u, timeout=5)
    return "x"


@app.route("/f3")
def f3():
    u = request.args["u"]
    if not urlparse(u).hostname.endswith(".a.example"):
        abort(400)
    requests.get(u, timeout=5)
    return "x"


@app.route("/f4")
def f4():
    u = request.args["u"]
    if not urlparse(u).hostname.endswith("a.example"):
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/f5")
def f5():
    u = request.args["u"]
    if not u.endswith(".a.example"):
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/f6")
def f6():
    u = request.args["u"]
    if urlparse(u).scheme not in ("http", "https"):
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/f7")
def f7():
    u = request.args["u"]
    host = urlparse(u).hostname
    if ipaddress.ip_address(socket.gethostbyname(host)).is_private:
        abort(400)
    requests.get(u, timeout=5)
    return "x"


@app.route("/f8")
def f8():
    u = request.args["u"]
    host = urlparse(u).hostname
    if not ipaddress.ip_address(socket.gethostbyname(host)).is_private:
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/f9")
def f9():
    host = request.args["h"]
    ip = ipaddress.ip_address(host)
    if ip.is_private or ip.is_loopback or ip.is_link_local:
        abort(400)
    requests.get(f"http://{ip}/", timeout=5)
    return "x"


@app.route("/f10")
def f10():
    host = request.args["h"]
    ip = ipaddress.ip_address(host)
    requests.get(f"http://{ip}/", timeout=5)  # flow
    return "x"


@app.route("/f11")
def f11():
    host = request.args["h"]
    if not ipaddress.ip_address(host).is_global:
        abort(400)
    requests.get(f"http://{host}/", timeout=5)
    return "x"


@app.route("/f12")
def f12():
    requests.get("https://a.example/" + request.args["u"], timeout=5)
    return "x"


@app.route("/f13")
def f13():
    requests.get("https://a.example" + request.args["u"], timeout=5)  # flow
    return "x"


@app.route("/f14")
def f14():
    requests.get("https://%s.a.example/" % request.args["u"], timeout=5)  # flow
    return "x"


@app.route("/f15")
def f15():
    requests.get(urljoin("https://a.example/", request.args["u"]), timeout=5)  # flow
    return "x"


@app.route("/f16")
def f16():
    requests.get("https://a.example/" + quote(request.args["u"]), timeout=5)
    return "x"


@app.route("/f17")
def f17():
    requests.get("https://a.example", params={"q": request.args["u"]}, timeout=5)
    return "x"


@app.route("/f18")
def f18():
    u = request.args["u"]
    parsed = urlparse(u)
    host = parsed.netloc.split(":")[0]
    if host not in HOSTS:
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/f19")
def f19():
    u = request.args["u"]
    parsed = urlparse(u)
    if (parsed.hostname or "").lower() not in HOSTS:
        abort(400)
    requests.get(u, timeout=5)
    return "x"


@app.route("/f20")
def f20():
    u = request.args["u"]
    if not any(urlparse(u).hostname == h for h in HOSTS):
        abort(400)
    requests.get(u, timeout=5)
    return "x"


@app.route("/f21")
def f21():
    u = request.args["u"]
    if not u.startswith(("https://a.example/", "https://b.example/")):
        abort(400)
    requests.get(u, timeout=5)
    return "x"


@app.route("/f22")
def f22():
    u = request.args["u"]
    if not u.startswith(("https://a.example/", "https://b.example")):
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/f23")
def f23():
    u = request.args["u"]
    host = urlparse(u).hostname
    if host != HOST and not host.endswith("." + HOST):
        abort(400)
    requests.get(u, timeout=5)
    return "x"


@app.route("/f24")
def f24():
    u = request.args["u"]
    host = urlparse(u).hostname
    if not any(host.endswith(h) for h in HOSTS):
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/f25")
def f25():
    u = request.args["u"]
    host = urlparse(u).hostname
    if not any(host == h or host.endswith("." + h) for h in HOSTS):
        abort(400)
    requests.get(u, timeout=5)
    return "x"


@app.route("/f26")
def f26():
    u, v = request.args["u"], request.args["v"]
    if urlparse(v).hostname not in HOSTS:
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/s1")
def s1():
    n = request.args["next"]
    if n.startswith("//"):
        abort(400)
    return redirect(n)  # flow


@app.route("/s2")
def s2():
    n = request.args["next"]
    if n.startswith("/") and not n.startswith("//"):
        return redirect(n)
    return redirect(n)  # flow


@app.route("/s3")
def s3():
    n = request.args["next"]
    if n.startswith("/") or not n.startswith("//"):
        return redirect(n)  # flow
    return "x"


@app.route("/s4")
def s4():
    n = request.args["next"]
    if not re.match(r"/\w", n):
        abort(400)
    return redirect(n)


@app.route("/s5")
def s5():
    n = request.args["next"]
    if not re.match(r"/.*", n):
        abort(400)
    return redirect(n)  # flow


@app.route("/s6")
def s6():
    n = request.args["next"]
    if not re.match(r"https?://(a|b)\.example/", n):
        abort(400)
    return redirect(n)


@app.route("/s7")
def s7():
    n = request.args["next"]
    if not re.match(r"https?://(a|b)\.example/|http:", n):
        abort(400)
    return redirect(n)  # flow


@app.route("/s8")
def s8():
    n = request.args["next"]
    if not re.search(r"^https://a\.example/", n, re.MULTILINE):
        abort(400)
    return redirect(n)  # flow


@app.route("/s9")
def s9():
    n = request.args["next"]
    if not re.match(r"https://.*\.a\.example/", n):
        abort(400)
    return redirect(n)  # flow


def public(host):
    for info in socket.getaddrinfo(host, None):
        ip = ipaddress.ip_address(info[4][0])
        if ip.is_private:
            return False
    return True


def wrong(host):
    for info in socket.getaddrinfo(host, None):
        ip = ipaddress.ip_address(info[4][0])
        if not ip.is_private:
            return False
    return True


@app.route("/s10")
def s10():
    host = request.args["h"]
    if not public(host):
        abort(400)
    requests.get(f"https://{host}/", timeout=5)
    return "x"


@app.route("/s11")
def s11():
    host = request.args["h"]
    if not wrong(host):
        abort(400)
    requests.get(f"https://{host}/", timeout=5)  # flow
    return "x"


@app.route("/s12")
def s12():
    u = request.args["u"]
    if not public(urlparse(u).hostname):
        abort(400)
    requests.get(u, timeout=5)
    return "x"


@app.route("/s13")
def s13():
    u = request.args["u"]
    ip = ipaddress.ip_address(request.args["ip"])
    if ip.is_private:
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/s14")
def s14():
    u = request.args["u"]
    if not urlparse(u).hostname.endswith(".com"):
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/s15")
def s15():
    u = request.args["u"]
    if not urlparse(u).hostname.endswith((".a.example", ".b.example")):
        abort(400)
    requests.get(u, timeout=5)
    return "x"


@app.route("/s16")
def s16():
    u = request.args["u"]
    if urlparse(u).hostname.endswith((".a.example", ".b.example")):
        abort(400)
    requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/s17")
def s17():
    u = request.args["u"]
    if urlparse(u).netloc == urlparse(request.args["v"]).netloc:
        requests.get(u, timeout=5)  # flow
    return "x"


@app.route("/s18")
def s18():
    u = request.args["u"]
    if urlparse(u).hostname in (None, "a.example"):
        requests.get(u, timeout=5)
    return "x"


def begins_well(url):
    return urlparse(url).scheme.startswith("http")


def link(url):
    return '<a href="' + escape(url) + '">there</a>'


@app.route("/l1")
def l1():
    errors = []
    u = request.args["u"]
    ok = begins_well(u) if u else True
    if ok is False:
        errors.append("no address")
    if errors:
        abort(400)
    return link(u)


@app.route("/l2")
def l2():
    u = request.args["u"]
    if not urlparse(u).scheme.startswith("j"):
        abort(400)
    return link(u)  # flow


def watched(view):
    @wraps(view)
    def inner(*args, **kwargs):
        return view(*args, **kwargs)

    return inner


@app.route("/w1")
@watched
def w1():
    return "<p>" + request.args["u"], 400  # flow


@app.route("/h1")
def h1():
    u = httpx.URL(request.args["u"])
    if u.scheme != "https" or u.host not in HOSTS:
        abort(400)
    httpx.get(u, timeout=5)
    return "x"


@app.route("/h2")
def h2():
    u = httpx.URL(request.args["u"])
    if u.scheme != "https":
        abort(400)
    httpx.get(u, timeout=5)  # flow
    return "x"


LOCAL = re.compile(r"/(?![/\\])[\w./-]*")


@app.route("/h3")
def h3():
    u = request.args["u"]
    return redirect(u if LOCAL.fullmatch(u) else "/")


@app.route("/h4")
def h4():
    u = request.args["u"]
    return redirect(u if re.fullmatch(r"/[\w./-]*", u) else "/")  # flow


def shaped(pattern):
    matches = re.compile(pattern).fullmatch

    def read(raw):
        if raw is None or not matches(raw):
            raise ValueError(raw)
        return raw

    return read


word, line = shaped(r"[a-z]+"), shaped(r".+")


@app.route("/h5")
def h5():
    return "<p>" + word(request.args["u"])


@app.route("/h6")
def h6():
    return "<p>" + line(request.args["u"])  # flow


@app.route("/h7")
def h7():
    name = request.args["u"]
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts:
        abort(400)
    return open(ROOT.joinpath(*parts)).read()


@app.route("/h8")
def h8():
    name = posixpath.normpath(request.args["u"])
    if name == ".." or name.startswith(("../", "/")):
        abort(400)
    return open(ROOT / name).read()


@app.route("/h9")
def h9():
    name = request.args["u"]
    parts = PurePosixPath(name).parts
    if name.startswith("/"):
        abort(400)
    return open(ROOT.joinpath(*parts)).read()  # flow
