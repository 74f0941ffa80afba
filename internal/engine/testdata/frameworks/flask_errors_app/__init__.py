from flask import Flask

def create_app():
    app = Flask(__name__)
    from . import views, errors
    app.register_blueprint(views.bp)
    errors.register(app)
    return app
