import os
import sqlite3

from flask import current_app, g

SCHEMA = """
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, price INTEGER, manual TEXT);
CREATE TABLE reviews (product_id INTEGER, author TEXT, body TEXT);
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, password TEXT,
                    role TEXT DEFAULT 'customer', reset_token TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, total INTEGER, paid INTEGER DEFAULT 0);
INSERT INTO products (name, price, manual) VALUES
    ('Linen jacket', 8900, 'linen.txt'), ('Wool scarf', 2900, 'wool.txt'), ('Quilted vest', 12900, NULL);
"""


def connection():
    if "db" not in g:
        g.db = sqlite3.connect(os.path.join(current_app.config["DATA"], "shop.db"))
        g.db.row_factory = sqlite3.Row
    return g.db


def query(sql, args=()):
    return connection().execute(sql, args).fetchall()


def change(sql, args=()):
    cursor = connection().execute(sql, args)
    connection().commit()
    return cursor.lastrowid


def product(product_id):
    rows = query("SELECT id, name, price, manual FROM products WHERE id = ?", (product_id,))
    return rows[0] if rows else None


def find_products(text, order="name"):
    if order not in ("name", "price"):
        order = "name"
    return query(f"SELECT id, name, price FROM products WHERE name LIKE '%{text}%' ORDER BY {order}")


def products_by_id(ids):
    marks = ",".join("?" for _ in ids)
    return query(f"SELECT id, name, price FROM products WHERE id IN ({marks})", ids)


def init_app(app):
    with app.app_context():
        if not query("SELECT 1 FROM sqlite_master WHERE name = 'products'"):
            connection().executescript(SCHEMA)

    @app.teardown_appcontext
    def close(_error):
        if "db" in g:
            g.pop("db").close()
