from flask import Blueprint, jsonify
from .failures import Invalid, Missing, Quiet

bp = Blueprint("errors", __name__)

@bp.app_errorhandler(Missing)
def on_missing(e):
    return "<p>" + e.message + "</p>"  # flow

@bp.app_errorhandler(Quiet)
def on_quiet(e):
    return "<p>" + str(e) + "</p>"

@bp.app_errorhandler(404)
def on_404(e):
    return "<p>" + str(e) + "</p>"

def on_invalid(e):
    return "<p>" + e.hint + "</p>", 400

def register(app):
    app.register_blueprint(bp)
    app.register_error_handler(Invalid, on_invalid)
