import hashlib
import os
import random

from flask import Blueprint, abort, current_app, redirect, render_template, request
from flask import send_file, send_from_directory, url_for
from markupsafe import Markup

from . import db

bp = Blueprint("catalogue", __name__)


@bp.get("/")
def index():
    products = db.find_products("")
    return render_template("search.html", q="", products=random.sample(products, min(3, len(products))))


@bp.get("/search")
def search():
    q = request.args.get("q", "")
    products = db.find_products(q, request.args.get("order", "name"))
    return render_template("search.html", q=q, products=products)


@bp.get("/product/<int:product_id>")
def product(product_id):
    item = db.product(product_id) or abort(404)
    reviews = db.query("SELECT author, body FROM reviews WHERE product_id = ?", (product_id,))
    badges = [Markup("<em>{}</em>").format(r["author"]) for r in reviews]
    bodies = [Markup(r["body"].replace("\n", "<br>")) for r in reviews]
    page = render_template("product.html", item=item, reviews=list(zip(badges, bodies)))
    response = current_app.make_response(page)
    response.set_etag(hashlib.md5(page.encode(), usedforsecurity=False).hexdigest())
    return response


@bp.post("/product/<int:product_id>/reviews")
def review(product_id):
    db.change("INSERT INTO reviews (product_id, author, body) VALUES (?, ?, ?)",
              (product_id, request.form["author"], request.form["body"]))
    return redirect(url_for("catalogue.product", product_id=product_id))


@bp.get("/manual")
def manual():
    name = request.args.get("file", "")
    path = os.path.join(current_app.config["FILES"], "manuals", name)
    if not os.path.isfile(path):
        abort(404)
    return send_file(path)


@bp.get("/images/<path:name>")
def image(name):
    return send_from_directory(current_app.config["FILES"], name)
