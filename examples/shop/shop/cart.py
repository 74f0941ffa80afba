import base64
import json
import pickle

import requests
from flask import Blueprint, abort, current_app, jsonify, redirect, request, session, url_for

from . import db

bp = Blueprint("cart", __name__)


def load_cart():
    cookie = request.cookies.get("cart")
    return pickle.loads(base64.b64decode(cookie)) if cookie else {}


def currency():
    return json.loads(request.cookies.get("display", "{}")).get("currency", "EUR")


@bp.post("/cart/add")
def add():
    cart = load_cart()
    product_id = int(request.form["product"])
    cart[product_id] = cart.get(product_id, 0) + 1
    response = redirect(url_for("cart.show"))
    response.set_cookie("cart", base64.b64encode(pickle.dumps(cart)).decode())
    return response


@bp.get("/cart")
def show():
    cart = load_cart()
    lines = [dict(row, count=cart[row["id"]]) for row in db.products_by_id(list(cart))]
    return jsonify(lines=lines, total=sum(line["price"] * line["count"] for line in lines), currency=currency())


@bp.get("/rates")
def rates():
    return jsonify(requests.get(current_app.config["RATES_URL"], timeout=5).json())


@bp.post("/checkout")
def checkout():
    if "user_id" not in session:
        return redirect(url_for("accounts.login", next=url_for("cart.show")))
    cart = load_cart()
    total = sum(row["price"] * cart[row["id"]] for row in db.products_by_id(list(cart)))
    order = db.change("INSERT INTO orders (user_id, total) VALUES (?, ?)", (session["user_id"], total))
    requests.post(current_app.config["PAYMENT_URL"], json={"order": order, "total": total}, verify=False)
    return jsonify(order=order), 201


@bp.get("/orders/<int:order_id>")
def order(order_id):
    rows = db.query("SELECT id, user_id, total, paid FROM orders WHERE id = ?", (order_id,)) or abort(404)
    assert rows[0]["user_id"] == session.get("user_id"), "not your order"
    return jsonify(dict(rows[0]))


@bp.post("/payment/webhook")
def webhook():
    token = current_app.config["WEBHOOK_TOKEN"]
    if not token or request.headers.get("X-Webhook-Token") != token:
        abort(403)
    db.change("UPDATE orders SET paid = 1 WHERE id = ?", (int(request.form["order"]),))
    return "", 204
