import os

from flask import Flask, render_template, request
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, DecimalField, Form, IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField, validators
from wtforms.validators import UUID, AnyOf, DataRequired, Length, Regexp, ValidationError

app = Flask(__name__)
ALLOWED = {"a", "b"}


def known(form, field):
    if field.data not in ALLOWED:
        raise ValidationError("no")


class F(FlaskForm):
    s = StringField("s", validators=[DataRequired()])
    n = IntegerField("n")
    d = DecimalField("d")
    day = DateField("day")
    b = BooleanField("b")
    sel = SelectField("sel", choices=[("a", "A"), ("b", "B")])
    radio = RadioField("radio", choices=["a", "b"])
    multi = SelectMultipleField("multi", choices=[("a", "A")])
    rx = StringField("rx", validators=[DataRequired(), Regexp(r"^[a-z]+$")])
    rx2 = StringField("rx2", [Regexp(r"[a-z]+")])
    any = StringField("any", [AnyOf(["a", "b"])])
    uid = StringField("uid", [UUID()])
    fn = StringField("fn", [known])
    length = TextAreaField("length", [Length(max=10)])
    own = StringField("own")

    def validate_own(self, field):
        if field.data not in ALLOWED:
            raise ValidationError("no")


@app.route("/a", methods=["POST"])
def a():
    form = F()
    if form.validate_on_submit():
        os.system("ls " + form.s.data)  # flow
        os.system(f"ls {form.n.data} {form.d.data} {form.day.data} {form.b.data}")
        os.system("ls " + form.sel.data)
        os.system("ls " + form.radio.data)
        os.system("ls " + form.multi.data[0])
        os.system("ls " + form.rx.data)
        os.system("ls " + form.rx2.data)  # flow
        os.system("ls " + form.any.data)
        os.system("ls " + form.uid.data)
        os.system("ls " + form.fn.data)
        os.system("ls " + form.length.data)  # flow
        os.system("ls " + form.own.data)
    return "x"


@app.route("/b", methods=["POST"])
def b():
    form = F()
    os.system("ls " + form.rx.data)  # flow
    os.system("ls " + form.own.data)  # flow
    return "x"


@app.route("/c", methods=["POST"])
def c():
    form = F(request.form)
    if not form.validate():
        return "bad"
    os.system("ls " + form.rx.data)
    os.system("ls " + form.data["rx"])
    os.system("ls " + form.data["s"])  # flow
    os.system("ls " + form.s.data)  # flow
    return "x"


@app.route("/d", methods=["POST"])
def d():
    form = F(request.form)
    if not form.validate():
        os.system("ls " + form.rx.data)  # flow
    return "x"


def ready(form):
    return request.method == "POST" and form.validate()


@app.route("/e", methods=["POST"])
def e():
    form = F(request.form)
    if ready(form):
        os.system("ls " + form.own.data)
        os.system("ls " + form.s.data)  # flow
    return "x"


@app.route("/f", methods=["POST"])
def f():
    form, other = F(request.form), F(request.form)
    if other.validate():
        os.system("ls " + form.own.data)  # flow
    return "x"


@app.route("/g", methods=["POST"])
def g():
    form = F(request.form)
    form.validate()
    os.system("ls " + form.own.data)  # flow
    return "x"
