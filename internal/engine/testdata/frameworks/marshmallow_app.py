import os

from flask import Flask, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate, validates, validates_schema
from webargs.flaskparser import use_args, use_kwargs, parser

app = Flask(__name__)
ALLOWED = {"a", "b"}


def known(v):
    if v not in ALLOWED:
        raise ValidationError("no")


class Inner(Schema):
    n = fields.Int()
    t = fields.Str()


class Item(Schema):
    n = fields.Int(required=True)
    f = fields.Float()
    d = fields.Decimal()
    b = fields.Bool()
    u = fields.UUID()
    day = fields.Date()
    when = fields.DateTime()
    ip = fields.IP()
    s = fields.Str(required=True)
    t = fields.String()
    length = fields.Str(validate=validate.Length(max=5))
    one = fields.Str(validate=validate.OneOf(["a", "b"]))
    two = fields.Str(validate=[validate.Length(max=5), validate.OneOf(("a", "b"))])
    rx = fields.Str(validate=validate.Regexp(r"^[a-z]+$"))
    rx2 = fields.Str(validate=validate.Regexp(r"[a-z]+"))
    fn = fields.Str(validate=known)
    lam = fields.Str(validate=lambda v: v in ALLOWED)
    no = fields.Str(validate=lambda v: len(v) < 5)
    checked = fields.Str()
    inner = fields.Nested(Inner)
    many = fields.List(fields.Int())
    texts = fields.List(fields.Str())
    raw = fields.Raw()
    table = fields.Dict()

    @validates("checked")
    def check(self, value, **kwargs):
        if value not in ALLOWED:
            raise ValidationError("no")


@app.route("/a")
def a():
    d = Item().load(request.get_json())
    os.system(f"ls {d['n']} {d['f']} {d['d']} {d['b']} {d['u']} {d['day']} {d['when']} {d['ip']}")
    os.system("ls " + d["s"])  # flow
    os.system("ls " + d["t"])  # flow
    os.system("ls " + d["length"])  # flow
    os.system("ls " + d["one"])
    os.system("ls " + d["two"])
    os.system("ls " + d["rx"])
    os.system("ls " + d["rx2"])  # flow
    os.system("ls " + d["fn"])
    os.system("ls " + d["lam"])
    os.system("ls " + d["no"])  # flow
    os.system("ls " + d["checked"])
    os.system(f"ls {d['inner']['n']}")
    os.system("ls " + d["inner"]["t"])  # flow
    os.system(f"ls {d['many'][0]}")
    os.system("ls " + d["texts"][0])  # flow
    os.system("ls " + d["raw"])  # flow
    os.system("ls " + d["table"]["x"])  # flow
    return "x"


schema = Item(unknown=EXCLUDE)


@app.route("/b")
def b():
    try:
        d = schema.load(request.json)
    except ValidationError as e:
        return e.messages, 400
    os.system(f"ls {d['n']}")
    os.system("ls " + d.get("one"))
    os.system("ls " + d["s"])  # flow
    return "x"


@app.route("/c")
def c():
    errors = schema.validate(request.json)
    if errors:
        return "bad", 400
    os.system("ls " + request.json["one"])
    os.system("ls " + request.json["s"])  # flow
    return "x"


@app.route("/d")
def d():
    schema.validate(request.json)
    os.system("ls " + request.json["one"])  # flow
    return "x"


class User:
    def __init__(self, name, n):
        self.name = name
        self.n = n


class UserSchema(Schema):
    name = fields.Str()
    n = fields.Int()

    @post_load
    def make(self, data, **kwargs):
        return User(**data)


@app.route("/e")
def e():
    u = UserSchema().load(request.json)
    os.system(f"ls {u.n}")
    os.system("ls " + u.name)  # flow
    return "x"


@app.route("/f")
def f():
    us = UserSchema(many=True).load(request.json)
    for u in us:
        os.system(f"ls {u.n}")
        os.system("ls " + u.name)  # flow
    ds = Item(many=True).loads(request.data)
    for d in ds:
        os.system(f"ls {d['n']}")
        os.system("ls " + d["s"])  # flow
    return "x"


@app.route("/g")
@use_args({"n": fields.Int(), "s": fields.Str()})
def g(args):
    os.system(f"ls {args['n']}")
    os.system("ls " + args["s"])  # flow
    return "x"


@app.route("/h")
@use_kwargs({"n": fields.Int(), "s": fields.Str()})
def h(n, s):
    os.system(f"ls {n}")
    os.system("ls " + s)  # flow
    return "x"


@app.route("/i")
@use_args(Item(), location="query")
def i(args):
    os.system("ls " + args["one"])
    os.system("ls " + args["s"])  # flow
    return "x"
