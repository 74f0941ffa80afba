"""Files: what keeps a name inside of a folder, and what does not."""
import os
import posixpath
import zipfile
import tarfile
import shutil
from os.path import abspath, basename, commonpath, commonprefix, dirname, join, normpath, realpath, relpath
from pathlib import Path, PurePosixPath

from flask import Flask, abort, request
from werkzeug.security import safe_join
from werkzeug.utils import secure_filename

app = Flask(__name__)
BASE = "/srv/data"
ROOT = Path("/srv/data")
ROOT_ABS = Path(__file__).resolve().parent / "data"
EXTENSIONS = {".txt", ".pdf"}


@app.route("/a1")
def a1():
    p = join(BASE, request.args["p"])
    return open(p).read()  # flow


@app.route("/a2")
def a2():
    p = realpath(join(BASE, request.args["p"]))
    if commonpath([BASE, p]) != BASE:
        abort(404)
    return open(p).read()


@app.route("/a3")
def a3():
    p = realpath(join(BASE, request.args["p"]))
    if commonprefix([BASE, p]) != BASE:
        abort(404)
    return open(p).read()  # flow


@app.route("/a4")
def a4():
    p = join(BASE, request.args["p"])
    if commonpath([BASE, p]) != BASE:
        abort(404)
    return open(p).read()  # flow


@app.route("/a5")
def a5():
    p = realpath(join(BASE, request.args["p"]))
    if os.path.commonpath((p, os.path.realpath(BASE))) == os.path.realpath(BASE):
        return open(p).read()
    return open(p).read()  # flow


@app.route("/b1")
def b1():
    p = abspath(join(BASE, request.args["p"]))
    if not p.startswith(BASE + os.sep):
        abort(404)
    return open(p).read()


@app.route("/b2")
def b2():
    p = abspath(join(BASE, request.args["p"]))
    if not p.startswith(BASE):
        abort(404)
    return open(p).read()  # flow


@app.route("/b3")
def b3():
    p = join(BASE, request.args["p"])
    if not p.startswith(BASE + os.sep):
        abort(404)
    return open(p).read()  # flow


@app.route("/b4")
def b4():
    p = join(BASE, request.args["p"])
    if not abspath(p).startswith(BASE + os.sep):
        abort(404)
    return open(p).read()


@app.route("/b5")
def b5():
    base = abspath(BASE)
    p = abspath(join(base, request.args["p"]))
    if p != base and not p.startswith(base + "/"):
        abort(404)
    return open(p).read()


@app.route("/b6")
def b6():
    p = abspath(join(BASE, request.args["p"]))
    if p.startswith(BASE + os.sep):
        abort(404)
    return open(p).read()  # flow


@app.route("/b7")
def b7():
    p = abspath(join(BASE, request.args["p"]))
    if not p.startswith(f"{BASE}{os.sep}"):
        abort(404)
    return open(p).read()


@app.route("/b8")
def b8():
    p = abspath(join(BASE, request.args["p"]))
    prefix = BASE.rstrip("/") + "/"
    if not p.startswith(prefix):
        abort(404)
    return open(p).read()


@app.route("/b9")
def b9():
    p = abspath(join(BASE, request.args["p"]))
    if not p.endswith(".txt"):
        abort(404)
    return open(p).read()  # flow


@app.route("/c1")
def c1():
    p = (ROOT / request.args["p"]).resolve()
    if not p.is_relative_to(ROOT):
        abort(404)
    return p.read_text()


@app.route("/c2")
def c2():
    p = ROOT / request.args["p"]
    if not p.is_relative_to(ROOT):
        abort(404)
    return p.read_text()  # flow


@app.route("/c3")
def c3():
    p = (ROOT / request.args["p"]).resolve()
    try:
        p.relative_to(ROOT)
    except ValueError:
        abort(404)
    return p.read_text()


@app.route("/c4")
def c4():
    p = (ROOT / request.args["p"]).resolve()
    try:
        p.relative_to(ROOT)
    except ValueError:
        pass
    return p.read_text()  # flow


@app.route("/c5")
def c5():
    p = ROOT / request.args["p"]
    if not p.resolve().is_relative_to(ROOT.resolve()):
        abort(404)
    return p.read_text()


@app.route("/c6")
def c6():
    p = (ROOT / request.args["p"]).resolve()
    if ROOT not in p.parents:
        abort(404)
    return p.read_text()


@app.route("/c7")
def c7():
    p = (ROOT / request.args["p"]).resolve()
    if not str(p).startswith(str(ROOT)):
        abort(404)
    return p.read_text()  # flow


@app.route("/c8")
def c8():
    p = (ROOT / request.args["p"]).resolve()
    if not str(p).startswith(str(ROOT) + os.sep):
        abort(404)
    return p.read_text()


@app.route("/c9")
def c9():
    p = ROOT.joinpath(request.args["p"]).resolve()
    if p.parent != ROOT:
        abort(404)
    return p.read_text()


@app.route("/c10")
def c10():
    p = ROOT.joinpath(request.args["p"])
    if p.suffix not in EXTENSIONS:
        abort(404)
    return p.read_text()  # flow


@app.route("/c11")
def c11():
    name = Path(request.args["p"]).name
    return (ROOT / name).read_text()


@app.route("/c12")
def c12():
    p = (ROOT / request.args["p"]).resolve(strict=True)
    p = ROOT / p.relative_to(ROOT)
    return p.read_text()


@app.route("/c13")
def c13():
    p = ROOT / request.args["p"]
    p.relative_to(ROOT)
    return p.read_text()  # flow


@app.route("/d1")
def d1():
    name = request.args["p"]
    if ".." in name:
        abort(404)
    return open("data/" + name).read()


@app.route("/d2")
def d2():
    name = request.args["p"]
    if ".." in name:
        abort(404)
    return open(join(BASE, name)).read()  # flow


@app.route("/d3")
def d3():
    name = request.args["p"]
    if ".." in name or name.startswith("/"):
        abort(404)
    return open(join(BASE, name)).read()


@app.route("/d4")
def d4():
    name = request.args["p"]
    if "/" in name:
        abort(404)
    return open(join(BASE, name)).read()


@app.route("/d5")
def d5():
    name = request.args["p"]
    if os.path.isabs(name) or ".." in name.split("/"):
        abort(404)
    return open(join(BASE, name)).read()


@app.route("/d6")
def d6():
    name = request.args["p"]
    if os.path.isabs(name):
        abort(404)
    return open(join(BASE, name)).read()  # flow


@app.route("/d7")
def d7():
    name = request.args["p"]
    if os.sep in name or name in (".", ".."):
        abort(404)
    return open(join(BASE, name)).read()


@app.route("/d8")
def d8():
    name = request.args["p"]
    if basename(name) != name:
        abort(404)
    return open(join(BASE, name)).read()


@app.route("/d9")
def d9():
    name = request.args["p"]
    if secure_filename(name) != name:
        abort(404)
    return open(join(BASE, name)).read()


@app.route("/d10")
def d10():
    name = request.args["p"]
    if dirname(name):
        abort(404)
    return open(join(BASE, name)).read()


@app.route("/d11")
def d11():
    name = request.args["p"]
    if any(part == ".." for part in Path(name).parts):
        abort(404)
    return open("data/" + name).read()


@app.route("/d12")
def d12():
    name = request.args["p"]
    name = name.replace("../", "")
    return open("data/" + name).read()  # flow


@app.route("/d13")
def d13():
    name = request.args["p"].lstrip("/")
    return open(join(BASE, name)).read()  # flow


@app.route("/d14")
def d14():
    return open(join(BASE, dirname(request.args["p"]))).read()  # flow


@app.route("/d15")
def d15():
    return open(join(BASE, relpath(request.args["p"], BASE))).read()  # flow


@app.route("/d16")
def d16():
    name = normpath("/" + request.args["p"]).lstrip("/")
    return open(join(BASE, name)).read()


@app.route("/d17")
def d17():
    name = normpath(request.args["p"])
    return open(join(BASE, name)).read()  # flow


@app.route("/d18")
def d18():
    p = realpath(join(BASE, request.args["p"]))
    if relpath(p, BASE).startswith(".."):
        abort(404)
    return open(p).read()


@app.route("/d19")
def d19():
    p = join(BASE, request.args["p"])
    if os.path.relpath(p, start=BASE).startswith(os.pardir):
        abort(404)
    return open(p).read()


@app.route("/d20")
def d20():
    p = join(BASE, request.args["p"])
    if not os.path.exists(p):
        abort(404)
    return open(p).read()  # flow


@app.route("/e1")
def e1():
    p = safe_join(BASE, request.args["p"])
    if p is None:
        abort(404)
    return open(p).read()


@app.route("/e2")
def e2():
    f = request.files["f"]
    f.save(join(BASE, secure_filename(f.filename)))
    return "x"


@app.route("/e3")
def e3():
    f = request.files["f"]
    secure_filename(f.filename)
    f.save(join(BASE, f.filename))  # flow
    return "x"


@app.route("/e4")
def e4():
    name = request.args["p"]
    if name not in os.listdir(BASE):
        abort(404)
    return open(join(BASE, name)).read()


@app.route("/e5")
def e5():
    files = {p.name: p for p in ROOT.iterdir()}
    return files[request.args["p"]].read_text()


@app.route("/f1")
def f1():
    with zipfile.ZipFile(request.files["f"]) as z:
        for name in z.namelist():
            with open(join(BASE, name), "wb") as out:  # flow
                out.write(z.read(name))
    return "x"


@app.route("/f2")
def f2():
    with zipfile.ZipFile(request.files["f"]) as z:
        for name in z.namelist():
            p = realpath(join(BASE, name))
            if not p.startswith(BASE + os.sep):
                raise ValueError
            with open(p, "wb") as out:
                out.write(z.read(name))
    return "x"


@app.route("/f3")
def f3():
    with zipfile.ZipFile(request.files["f"]) as z:
        for info in z.infolist():
            if info.filename.startswith("/") or ".." in info.filename:
                continue
            with open(join(BASE, info.filename), "wb") as out:
                out.write(z.read(info))
    return "x"


@app.route("/f4")
def f4():
    with tarfile.open(fileobj=request.files["f"]) as t:
        t.extractall(BASE)  # flow
    return "x"


@app.route("/f5")
def f5():
    with tarfile.open(fileobj=request.files["f"]) as t:
        t.extractall(BASE, filter="data")
    return "x"


@app.route("/f6")
def f6():
    with tarfile.open(fileobj=request.files["f"]) as t:
        for m in t.getmembers():
            p = realpath(join(BASE, m.name))
            if not p.startswith(BASE + os.sep):
                raise ValueError
        t.extractall(BASE)
    return "x"


@app.route("/f7")
def f7():
    with tarfile.open(fileobj=request.files["f"]) as t:
        for m in t.getmembers():
            p = realpath(join(BASE, m.name))
            if not p.startswith(BASE + os.sep):
                print("no")
        t.extractall(BASE)  # flow
    return "x"


@app.route("/f8")
def f8():
    with tarfile.open(fileobj=request.files["f"]) as t:
        for m in t:
            if m.name.startswith("/") or ".." in m.name:
                continue
            t.extract(m, BASE)
    return "x"


@app.route("/f9")
def f9():
    with tarfile.open(fileobj=request.files["f"]) as t:
        for m in t:
            t.extract(m, BASE)  # flow
    return "x"


def safe_members(members):
    for m in members:
        if realpath(join(BASE, m.name)).startswith(BASE + os.sep):
            yield m


@app.route("/f10")
def f10():
    with tarfile.open(fileobj=request.files["f"]) as t:
        t.extractall(BASE, members=safe_members(t))
    return "x"


@app.route("/f11")
def f11():
    with tarfile.open(fileobj=request.files["f"]) as t:
        t.extractall(BASE, members=[m for m in t if m.isfile()])  # flow
    return "x"


@app.route("/g1")
def g1():
    name = request.args["p"]
    p = abspath(join(BASE, name))
    if not p.startswith(BASE + os.sep):
        abort(404)
    return open(join(BASE, name)).read()


@app.route("/g2")
def g2():
    name, other = request.args["p"], request.args["q"]
    p = abspath(join(BASE, name))
    if not p.startswith(BASE + os.sep):
        abort(404)
    return open(join(BASE, other)).read()  # flow


@app.route("/g3")
def g3():
    name = request.args["p"]
    p = abspath(join(BASE, name))
    if not p.startswith(BASE + os.sep):
        abort(404)
    name = request.args["q"]
    return open(join(BASE, name)).read()  # flow


@app.route("/g4")
def g4():
    p = abspath(join(BASE, request.args["p"]))
    if ".." in p:
        abort(404)
    return open(p).read()  # flow


@app.route("/g5")
def g5():
    name = request.args["p"]
    if ".." in name:
        abort(404)
    from urllib.parse import unquote
    return open("data/" + unquote(name)).read()  # flow


@app.route("/g6")
def g6():
    p = Path(abspath(BASE), request.args["p"])
    if not p.is_relative_to(BASE):
        abort(404)
    return p.read_text()  # flow


@app.route("/g7")
def g7():
    p = (ROOT / request.args["p"]).resolve()
    if p.parent == ROOT:
        return "x"
    return p.read_text()  # flow


@app.route("/g8")
def g8():
    p = ROOT / request.args["p"]
    if p.parent != ROOT:
        abort(404)
    return p.read_text()


@app.route("/g8b")
def g8b():
    p = ROOT / request.args["p"]
    if p.parent.parent != ROOT:
        abort(404)
    return p.read_text()  # flow


@app.route("/g9")
def g9():
    name = request.args["p"]
    if name == "..":
        abort(404)
    return open("data/" + name).read()  # flow


@app.route("/g10")
def g10():
    name = request.args["p"]
    for part in name.split("/"):
        if part in ("", ".", ".."):
            abort(404)
    return open("data/" + name).read()


@app.route("/g11")
def g11():
    name = request.args["p"]
    for part in name.split(","):
        if part in ("", ".", ".."):
            abort(404)
    return open("data/" + name).read()  # flow


@app.route("/g12")
def g12():
    name = request.args["p"]
    if normpath(name).startswith(".."):
        abort(404)
    return open("data/" + name).read()


@app.route("/g13")
def g13():
    name = request.args["p"]
    if name.startswith(".."):
        abort(404)
    return open("data/" + name).read()  # flow


@app.route("/g14")
def g14():
    name = request.args["p"]
    if normpath(name).startswith(".."):
        abort(404)
    return open(join(BASE, name)).read()  # flow


@app.route("/g15")
def g15():
    name = request.args["p"]
    if Path(name).is_absolute() or ".." in Path(name).parts:
        abort(404)
    return (ROOT / name).read_text()


@app.route("/g16")
def g16():
    name = request.args["p"]
    if Path(name).is_absolute():
        abort(404)
    return (ROOT / name).read_text()  # flow


@app.route("/g17")
def g17():
    name = request.args["p"]
    if basename(name) == name:
        return open("data/" + name).read()
    return open("data/" + name).read()  # flow


@app.route("/g18")
def g18():
    name, other = request.args["p"], request.args["q"]
    if basename(other) != name:
        abort(404)
    return open("data/" + name).read()


@app.route("/g19")
def g19():
    name = request.args["p"]
    if name.lower() != name:
        abort(404)
    return open("data/" + name).read()  # flow


@app.route("/g20")
def g20():
    path = os.path.join(BASE, secure_filename(request.args["p"]), request.args["q"])
    return open(path).read()  # flow


@app.route("/suffix")
def suffix():
    ending = request.args["e"].replace(".", "")
    return open(f"/srv/files/original.{ending}").read()


@app.route("/suffix2")
def suffix2():
    ending = request.args["e"].replace("\\", "")
    return open(f"/srv/files/original.{ending}").read()  # flow
