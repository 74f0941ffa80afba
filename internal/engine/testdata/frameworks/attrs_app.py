"""Classes of attrs: what validators and converters leave."""
import os

import attr
import attrs
from attrs import define, validators
from flask import Flask, request

app = Flask(__name__)


@define
class Attrs:
    kind: str = attrs.field(validator=validators.in_(["a", "b"]))
    name: str = attrs.field(validator=attrs.validators.matches_re(r"[a-z]+"))
    loose: str = attrs.field(validator=attrs.validators.matches_re(r"[a-z]+", func=re_search))
    n: int = attrs.field(converter=int)
    number: int = attrs.field(validator=attrs.validators.instance_of(int))
    text: str = attrs.field(validator=attrs.validators.instance_of(str))
    both: str = attrs.field(validator=[validators.max_len(5), validators.in_({"a"})])
    own: str = attrs.field()
    free: str = attrs.field(default="a")

    @own.validator
    def check(self, attribute, value):
        if value not in ("a", "b"):
            raise ValueError


def re_search(*args):
    return True


@app.route("/d2")
def d2():
    a = request.args
    p = Attrs(a["k"], a["n"], a["l"], a["m"], a["i"], a["t"], a["b"], a["o"], a["f"])
    os.system("ls " + p.kind)
    os.system("ls " + p.name)
    os.system("ls " + p.loose)  # flow
    os.system(f"ls {p.n}")
    os.system(f"ls {p.number}")
    os.system("ls " + p.text)  # flow
    os.system("ls " + p.both)
    os.system("ls " + p.own)
    os.system("ls " + p.free)  # flow
    return "x"


@attr.s
class Old:
    kind = attr.ib(validator=attr.validators.in_(("a", "b")))
    free = attr.ib()


@app.route("/d3")
def d3():
    p = Old(request.args["k"], request.args["f"])
    os.system("ls " + p.kind)
    os.system("ls " + p.free)  # flow
    return "x"
