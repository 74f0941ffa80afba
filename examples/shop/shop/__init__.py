"""A small shop: catalogue, accounts, cart, and a back office."""
import os
import traceback

from flask import Flask
from werkzeug.exceptions import HTTPException

from . import accounts, admin, cart, catalogue, db


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_object("shop.settings")
    app.config["DATA"] = os.environ.get("SHOP_DATA", app.instance_path)
    app.config.update(config or {})
    app.config["FILES"] = os.path.join(app.config["DATA"], "files")
    os.makedirs(os.path.join(app.config["FILES"], "manuals"), exist_ok=True)

    db.init_app(app)
    app.register_blueprint(catalogue.bp)
    app.register_blueprint(accounts.bp)
    app.register_blueprint(cart.bp)
    app.register_blueprint(admin.bp)

    @app.errorhandler(Exception)
    def broken(error):
        if isinstance(error, HTTPException):
            return error
        app.logger.exception("unhandled error")
        return "<pre>" + traceback.format_exc() + "</pre>", 500

    return app
