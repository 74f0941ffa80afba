"""Conversions: what is left of a text when it was made into something else."""
import datetime
import decimal
import enum
import ipaddress
import os
import uuid
from dataclasses import dataclass
from datetime import date, datetime as dt

from flask import Flask, abort, request

app = Flask(__name__)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Kind(str, enum.Enum):
    A = "a"


class Level(enum.StrEnum):
    LOW = "low"


class Size(enum.IntEnum):
    S = 1


@app.route("/a1")
def a1():
    x = request.args["x"]
    os.system("ls " + x)  # flow
    os.system("ls " + Color(x).value)
    os.system("ls " + x)
    return "x"


@app.route("/a1b")
def a1b():
    os.system("ls " + Color[request.args["a"]].value)
    os.system("ls " + Color[request.args["b"]].name)
    os.system("ls " + Kind(request.args["c"]))
    os.system("ls " + Level(request.args["d"]))
    os.system(f"ls {Size(request.args['e'])}")
    os.system("ls " + request.args["f"])  # flow
    return "x"


@app.route("/a2")
def a2():
    x = request.args["x"]
    try:
        Color(x)
    except ValueError:
        abort(400)
    os.system("ls " + x)
    return "x"


@app.route("/a3")
def a3():
    x = request.args["x"]
    try:
        Color(x)
    except ValueError:
        pass
    os.system("ls " + x)  # flow
    return "x"


@app.route("/a4")
def a4():
    x = request.args["x"]
    if x not in [c.value for c in Color]:
        abort(400)
    os.system("ls " + x)
    return "x"


@app.route("/a5")
def a5():
    x = request.args["x"]
    if x not in Color.__members__:
        abort(400)
    os.system("ls " + x)
    return "x"


@app.route("/a6")
def a6():
    x = request.args["x"]
    if x not in Color:
        abort(400)
    os.system("ls " + x)
    return "x"


class Loose(enum.Enum):
    RED = "red"

    @classmethod
    def _missing_(cls, value):
        return cls.RED


@app.route("/a7")
def a7():
    x = request.args["x"]
    os.system("ls " + Loose(x).value)
    os.system("ls " + x)  # flow
    return "x"


@app.route("/b1")
def b1():
    a = request.args
    os.system("ls " + str(uuid.UUID(a["a"])))
    os.system("ls " + str(ipaddress.ip_address(a["b"])))
    os.system("ls " + str(ipaddress.ip_network(a["c"])))
    os.system("ls " + str(int(a["d"])))
    os.system("ls " + str(float(a["e"])))
    os.system("ls " + str(decimal.Decimal(a["f"])))
    os.system("ls " + str(dt.fromisoformat(a["g"])))
    os.system("ls " + dt.strptime(a["h"], "%Y").isoformat())
    os.system("ls " + date.fromisoformat(a["i"]).isoformat())
    os.system("ls " + datetime.datetime.strptime(a["j"], "%Y").strftime("%Y"))
    os.system("ls " + dt.now().strftime(a["k"]))  # flow
    os.system("ls " + str(bool(a["l"])))
    os.system("ls " + str(a["m"]))  # flow
    os.system("ls " + hex(int(a["n"], 16)))
    os.system("ls %d" % int(a["o"]))
    os.system("ls %s" % a["p"])  # flow
    return "x"


@app.route("/b2")
def b2():
    x = request.args["x"]
    uuid.UUID(x)
    os.system("ls " + x)
    return "x"


@app.route("/b3")
def b3():
    x = request.args["x"]
    try:
        dt.strptime(x, "%Y-%m-%d")
    except ValueError:
        return "bad", 400
    os.system("ls " + x)
    return "x"


@app.route("/b4")
def b4():
    x = request.args["x"]
    try:
        ipaddress.ip_address(x)
    except ValueError:
        return "bad", 400
    os.system("ls " + x)
    return "x"


@app.route("/b5")
def b5():
    x = request.args["x"]
    try:
        ipaddress.ip_address(x)
    except ValueError:
        app.logger.info("no address")
    os.system("ls " + x)  # flow
    return "x"


@app.route("/b6")
def b6():
    x = request.args.get("x", type=int)
    y = request.args.get("y", type=str)
    z = request.args.get("z", default="1", type=float)
    w = request.args.getlist("w", type=int)
    os.system(f"ls {x} {z} {w[0]}")
    os.system(f"ls {y}")  # flow
    return "x"


def positive(text):
    n = int(text)
    if n < 0:
        raise ValueError
    return n


def passes(text):
    return text.strip()


@app.route("/b7")
def b7():
    x = request.args.get("x", type=positive)
    y = request.args.get("y", type=passes)
    z = request.args.get("z", type=Color)
    w = request.args.get("w", request.args["w"], type=int)
    os.system(f"ls {x} {z.value}")
    os.system(f"ls {y}")  # flow
    os.system(f"ls {w}")  # flow
    os.system("ls " + request.args.get("v", 1, int))
    os.system("ls " + request.args.get("v", 1))  # flow
    return "x"


@app.route("/b8/<re('[a-z]+'):a>/<slug>")
def b8(a, slug):
    os.system(f"ls {a}")  # flow
    os.system(f"ls {slug}")  # flow
    return "x"


@app.route("/c1/<int:a>/<uuid:b>/<float:c>/<any(x,y):d>")
def c1(a, b, c, d):
    os.system(f"ls {a} {b} {c} {d}")
    return "x"


@app.route("/c2/<path:a>")
def c2(a):
    os.system(f"ls {a}")  # flow
    return open("x/" + a).read()  # flow


@app.route("/c3/<a>/<string:b>")
def c3(a, b):
    os.system(f"ls {a}")  # flow
    os.system(f"ls {b}")  # flow
    return "x"


@app.route("/c4/<string(length=2):a>/<int(min=1):b>")
def c4(a, b):
    os.system(f"ls {a}")  # flow
    os.system(f"ls {b}")
    return "x"


@dataclass
class Point:
    kind: str
    other: str
    n: int = 0

    def __post_init__(self):
        if self.kind not in ("a", "b"):
            raise ValueError


@dataclass
class Converted:
    n: int

    def __post_init__(self):
        self.n = int(self.n)


@app.route("/d1")
def d1():
    p = Point(request.args["k"], request.args["o"], request.args["n"])
    os.system("ls " + p.kind)
    os.system("ls " + p.other)  # flow
    os.system("ls " + p.n)  # flow
    os.system(f"ls {Converted(request.args['n']).n}")
    return "x"
