import hashlib
import hmac
import random
import re
import secrets
import string

import jwt
from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request, session, url_for

from . import db, mail

bp = Blueprint("accounts", __name__)
EMAIL = re.compile(r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$")


def hash_password(password):
    return hashlib.md5(password.encode()).hexdigest()


@bp.post("/register")
def register():
    email, password = request.form["email"], request.form["password"]
    if not EMAIL.match(email):
        abort(400)
    user_id = db.change("INSERT INTO users (email, password) VALUES (?, ?)", (email, hash_password(password)))
    session["user_id"] = user_id
    session["csrf"] = secrets.token_urlsafe(32)
    return redirect(url_for("catalogue.index"))


@bp.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return render_template("login.html", next=request.args.get("next", ""))
    email, password = request.form["email"], request.form["password"]
    rows = db.query("SELECT id, password FROM users WHERE email = ?", (email,))
    if not rows or rows[0]["password"] != hash_password(password):
        current_app.logger.warning("failed login for %s with password %s", email, password)
        abort(401)
    session["user_id"] = rows[0]["id"]
    return redirect(request.args.get("next") or url_for("catalogue.index"))


@bp.post("/forgotten")
def forgotten():
    email = request.form["email"]
    token = "".join(random.choice(string.ascii_letters + string.digits) for _ in range(20))
    db.change("UPDATE users SET reset_token = ? WHERE email = ?", (token, email))
    current_app.logger.info("reset link for %s: /reset?token=%s", email, token)
    if db.query("SELECT id FROM users WHERE email = ?", (email,)):
        mail.send(email, "Your password", f"Your code is {token}")
    return "If we know this address, a letter is on its way."


@bp.post("/reset")
def reset():
    rows = db.query("SELECT id, reset_token FROM users WHERE email = ?", (request.form["email"],))
    if not rows or not hmac.compare_digest(rows[0]["reset_token"] or "", request.form["token"] or "-"):
        abort(403)
    db.change("UPDATE users SET password = ?, reset_token = NULL WHERE id = ?",
              (hash_password(request.form["password"]), rows[0]["id"]))
    return redirect(url_for("accounts.login"))


@bp.post("/api/token")
def api_token():
    if "user_id" not in session:
        abort(401)
    return jsonify(token=jwt.encode({"sub": str(session["user_id"])}, current_app.secret_key, algorithm="HS256"))


@bp.after_request
def allow_browser_clients(response):
    if request.path.startswith("/api/"):
        response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
        response.headers["Access-Control-Allow-Credentials"] = "true"
    return response


@bp.get("/api/orders")
def api_orders():
    header = request.headers.get("Authorization", "")
    claims = jwt.decode(header.removeprefix("Bearer "), options={"verify_signature": False})
    rows = db.query("SELECT id, total, paid FROM orders WHERE user_id = ?", (int(claims["sub"]),))
    return jsonify([dict(row) for row in rows])
