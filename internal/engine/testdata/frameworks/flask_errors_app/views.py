from flask import Blueprint, abort, request
from .failures import Invalid, Missing, Quiet

bp = Blueprint("views", __name__)

def load(name):
    if name != "known":
        raise Missing("no such thing: " + name)
    return name

@bp.route("/things")
def things():
    return load(request.args["name"]) and "found"

@bp.route("/check")
def check():
    if len(request.args["q"]) > 10:
        raise Invalid("too long", hint="shorter")
    return "ok"

@bp.route("/quiet")
def quiet():
    try:
        raise Quiet(request.args["q"])
    except Quiet:
        return "quiet"

@bp.route("/gone")
def gone():
    abort(410, description="gone: " + request.args["q"])

@bp.app_errorhandler(410)
def on_gone(error):
    return "<p>" + error.description  # flow
