"""An application that is put together of parts that functions make of what they are given."""
from flask import Flask

import container
import views


def create_app(settings=None):
    app = Flask(__name__)
    app.config.from_object("settings.Live")
    parts = settings or container.Container(app.config)
    for module in (views,):
        app.register_blueprint(module.build(parts))
    return app
