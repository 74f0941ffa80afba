"""SQL, logs, pages, commands and headers: what makes a text harmless, and where it does not."""
import html
import json
import logging
import os
import shlex
import sqlite3
import subprocess
from urllib.parse import quote

import psycopg2
import sqlalchemy
from flask import Flask, Response, abort, make_response, request
from markupsafe import Markup, escape
from psycopg2 import sql
from psycopg2.extensions import quote_ident
from sqlalchemy import text

app = Flask(__name__)
log = logging.getLogger(__name__)
db = sqlite3.connect("x")
pg = psycopg2.connect("x")
engine = sqlalchemy.create_engine("x")
ORDER = {"name": "u.name", "date": "u.created_at"}
COLUMNS = ["name", "date"]


@app.route("/q1")
def q1():
    db.execute(f"select * from u order by {ORDER.get(request.args['o'], 'u.name')}")
    db.execute(f"select * from u order by {ORDER.get(request.args['o'], request.args['o'])}")  # flow
    db.execute(f"select * from u order by {ORDER[request.args['o']]}")
    db.execute("select * from u limit " + request.args["n"])  # flow
    db.execute("select * from u limit " + str(int(request.args["n"])))
    return "x"


@app.route("/q2")
def q2():
    ids = request.args.getlist("id")
    db.execute("select * from u where id in (" + ",".join(["?"] * len(ids)) + ")", ids)
    db.execute("select * from u where id in (%s)" % ",".join("?" * len(ids)), ids)
    db.execute("select * from u where id in (%s)" % ",".join("?" for _ in ids), ids)
    db.execute("select * from u where id in (%s)" % ",".join(["?" for i in ids]), ids)
    db.execute("select * from u where id in (%s)" % ",".join(f":id{i}" for i, _ in enumerate(ids)), ids)
    db.execute("select * from u where id in (%s)" % ",".join(map(lambda i: "?", ids)), ids)
    db.execute("select * from u where id in (%s)" % ",".join(ids))  # flow
    db.execute("select * from u where id in (%s)" % ",".join(str(i) for i in ids))  # flow
    db.execute("select * from u where id in (%s)" % ",".join(str(int(i)) for i in ids))
    db.execute("select * from u where id in (%s)" % ",".join(map(str, map(int, ids))))
    db.execute("select * from u where id in (%s)" % ",".join(f"'{i}'" for i in ids))  # flow
    return "x"


@app.route("/q3")
def q3():
    d = request.get_json()
    sets = ", ".join(f"{k} = ?" for k in d if k in COLUMNS)
    db.execute(f"update u set {sets}", list(d.values()))
    sets = ", ".join(f"{k} = ?" for k in d)
    db.execute(f"update u set {sets}", list(d.values()))  # flow
    sets = ", ".join(f"{k} = ?" for k in COLUMNS if k in d)
    db.execute(f"update u set {sets}", [d[k] for k in COLUMNS if k in d])
    return "x"


@app.route("/q4")
def q4():
    c = request.args["c"]
    cur = pg.cursor()
    cur.execute(sql.SQL("select {} from u").format(sql.Identifier(c)))
    cur.execute(sql.SQL("select * from u where n = {}").format(sql.Literal(c)))
    cur.execute(sql.SQL("select " + c + " from u"))  # flow
    cur.execute("select " + quote_ident(c, cur) + " from u")
    cur.execute("select * from u where n = '%s'" % c)  # flow
    cur.execute("select * from u where n = %s", (c,))
    return "x"


@app.route("/q5")
def q5():
    c = request.args["c"]
    with engine.connect() as conn:
        conn.execute(text("select * from u where n = :c").bindparams(c=c))
        conn.execute(text("select * from u where n = :c"), {"c": c})
        conn.execute(text("select * from u where n = '" + c + "'").bindparams(c=c))  # flow
        conn.execute(text(f"select * from u where n = '{c}'"))  # flow
    return "x"


def order_by(name, default="name"):
    return name if name in COLUMNS else default


def direction(d):
    return "desc" if d == "desc" else "asc"


@app.route("/q6")
def q6():
    db.execute(f"select * from u order by {order_by(request.args['o'])} {direction(request.args['d'])}")
    db.execute(f"select * from u order by {order_by(request.args['o'], request.args['p'])}")  # flow
    d = request.args["d"].upper()
    if d not in ("ASC", "DESC"):
        abort(400)
    db.execute("select * from u order by name " + d)
    return "x"


@app.route("/l1")
def l1():
    x = request.args["x"]
    log.info("got %s", x)  # flow
    log.info("got %r", x)
    log.info("got %s", repr(x))
    log.info(f"got {x}")  # flow
    log.info(f"got {x!r}")
    log.info("got {!r}".format(x))
    log.info("got %s", x.replace("\n", "").replace("\r", ""))
    log.info("got %s", x.replace("\r\n", ""))  # flow
    log.info("got %s", x.replace("\r", ""))  # flow
    log.info("got %s", json.dumps(x))
    log.info("got %s", quote(x))
    log.info("got %s", x.encode("unicode_escape"))
    log.info("got %s", x.encode("unicode_escape").decode())
    log.info("got %s", x.strip())  # flow
    log.info("got %s", "".join(x.splitlines()))
    log.info("got %s", " ".join(x.split()))
    log.info("got %s", x.split("\n")[0])
    log.info("got %s", "\n".join(x.splitlines()))  # flow
    log.info("got %s", x.encode())  # flow
    log.info("got %s", x.encode("unicode_escape").decode("unicode_escape"))  # flow
    log.info("got %s", x.split(",")[0])  # flow
    log.info("got %s", x.splitlines()[0])
    log.info("got %d", x)
    log.info("got %s", len(x))
    log.info("got %s", x.translate({10: None, 13: None}))
    log.info("got %s", x.translate(str.maketrans("", "", "\r\n")))
    log.info("got %s", x.translate(str.maketrans("ab", "cd")))  # flow
    log.info("got %s", "".join(c for c in x if c.isprintable()))
    log.info("got %s", "".join(c for c in x if c not in "\r\n"))
    log.info("got %s", "".join(c for c in x if c != "a"))  # flow
    return "x"


@app.route("/l2")
def l2():
    x = request.args["x"]
    if "\n" in x or "\r" in x:
        abort(400)
    log.info("got %s", x)
    return "x"


@app.route("/l3")
def l3():
    x = request.args["x"]
    if "\r" in x:
        abort(400)
    log.info("got %s", x)  # flow
    return "x"


@app.route("/h1")
def h1():
    x = request.args["x"]
    return "<p>" + html.escape(x) + "</p>"


@app.route("/h2")
def h2():
    x = request.args["x"]
    return "<p>" + html.escape(x, quote=False) + "</p>"


@app.route("/h3")
def h3():
    x = request.args["x"]
    return "<p title='" + html.escape(x, quote=False) + "'></p>"  # flow


@app.route("/h4")
def h4():
    x = request.args["x"]
    return "<p title='" + html.escape(x) + "'></p>"


@app.route("/h5")
def h5():
    x = request.args["x"]
    return "<p title=" + html.escape(x) + "></p>"  # flow


@app.route("/h6")
def h6():
    x = request.args["x"]
    return "<script>var x = '" + html.escape(x) + "'</script>"


@app.route("/h6b")
def h6b():
    x = request.args["x"]
    return "<script>var x = " + html.escape(x) + "</script>"  # flow


@app.route("/h6c")
def h6c():
    x = request.args["x"]
    return f"<script>var x = {json.dumps(x)}</script>"  # flow


@app.route("/h6d")
def h6d():
    x = request.args["x"]
    return "<script>f()</script><p>%s</p>" % html.escape(x)


@app.route("/h6e")
def h6e():
    x, y = request.args["x"], request.args["y"]
    return "<p title='%s' class=\"%s\">%s</p>" % (html.escape(x), html.escape(y), html.escape(x, False))


@app.route("/h6f")
def h6f():
    x, y = request.args["x"], request.args["y"]
    return "<p title='{}' class={}>{}</p>".format(html.escape(x), html.escape(y), html.escape(x, False))  # flow


@app.route("/h6g")
def h6g():
    x = request.args["x"]
    return "<a href='/go?x=" + html.escape(x) + "'>x</a>"


@app.route("/h6h")
def h6h():
    x = request.args["x"]
    return f"<p class='a'>it's {html.escape(x, quote=False)}</p>"


@app.route("/h6i")
def h6i():
    x = request.args["x"]
    y = "<p title='" + html.escape(x)
    y += "' class=" + html.escape(x)
    return y + "></p>"  # flow


@app.route("/h6j")
def h6j():
    x = request.args["x"]
    return "".join(["<p title='", html.escape(x, quote=False), "'>"])  # flow


@app.route("/h6k")
def h6k():
    x = request.args["x"]
    if not x.isalnum():
        abort(400)
    return "<p class=" + x + "></p>"


@app.route("/h6l")
def h6l():
    x = request.args["x"]
    return "<!-- a 'b -->" + "<p title=\"it's\">" + html.escape(x, quote=False) + "</p>"


@app.route("/h6m")
def h6m():
    x = request.args["x"]
    return "<a href='" + quote(x) + "'>x</a>"


@app.route("/h6n")
def h6n():
    x = request.args["x"]
    return "<p>1 < 2 and x = " + html.escape(x) + "</p>"


@app.route("/h7")
def h7():
    x = request.args["x"]
    return "<a href='" + html.escape(x) + "'>x</a>"  # flow


@app.route("/h8")
def h8():
    x = request.args["x"]
    return "<p>" + x.replace("<", "&lt;") + "</p>"


@app.route("/h9")
def h9():
    x = request.args["x"]
    return "<p>" + x.replace("<script>", "") + "</p>"  # flow


@app.route("/h10")
def h10():
    x = request.args["x"]
    return Markup("<p>%s</p>") % x


@app.route("/h11")
def h11():
    x = request.args["x"]
    return Markup("<p>%s</p>" % x)  # flow


@app.route("/h11b")
def h11b():
    x = request.args["x"]
    return Markup("<p>") + x + Markup("</p>")


@app.route("/h11c")
def h11c():
    x = request.args["x"]
    return Markup("<p>{}</p>").format(x)


@app.route("/h11d")
def h11d():
    x = request.args["x"]
    return Markup("<br>").join([x, "a"])


@app.route("/h11e")
def h11e():
    x = request.args["x"]
    return Markup("<p>") + Markup(x)  # flow


@app.route("/h11f")
def h11f():
    x = request.args["x"]
    return f"{Markup('<p>')}{x}"  # flow


@app.route("/h12")
def h12():
    x = request.args["x"]
    return f"<p>{escape(x)}</p>"


@app.route("/h13")
def h13():
    x = request.args["x"]
    return html.unescape(html.escape(x))  # flow


def secure(x):
    return x if x.isalnum() else "a"


@app.route("/c1")
def c1():
    x = request.args["x"]
    os.system("ls " + shlex.quote(x))
    os.system("ls '" + shlex.quote(x) + "'")  # flow
    os.system('ls "%s"' % shlex.quote(x))  # flow
    os.system(f"ls {shlex.quote(x)}")
    os.system(f"ls -- {shlex.quote(x)} 'a b'")
    os.system(f"ls 'a' {shlex.quote(x)}")
    os.system(f"sh -c 'ls {shlex.quote(x)}'")  # flow
    os.system("echo 'a' \"b\" " + shlex.quote(x))
    os.system("echo it\\'s " + shlex.quote(x))
    inner = "ls " + shlex.quote(x)
    os.system("sh -c " + shlex.quote(inner))
    os.system("sh -c '" + inner + "'")  # flow
    os.system(" ".join(["ls", shlex.quote(x)]))
    os.system("ls '%s'" % int(request.args["n"]))
    os.system("ls '" + secure(x) + "'")
    subprocess.run(f"ls {shlex.quote(x)}", shell=True, check=True)
    subprocess.run(["ls", shlex.quote(x)], check=True)  # flow
    subprocess.run(["ls", "--", x], check=True)
    subprocess.run(["ls", x], check=True)  # flow
    return "x"


@app.route("/c2")
def c2():
    x = request.args["x"]
    if x.startswith("-"):
        abort(400)
    subprocess.run(["ls", x], check=True)
    os.system("ls " + x)  # flow
    return "x"


@app.route("/e1")
def e1():
    x = request.args["x"]
    r = make_response("x")
    r.headers["X-A"] = x  # flow
    return r


@app.route("/e2")
def e2():
    x = request.args["x"]
    r = make_response("x")
    r.headers["X-A"] = x.replace("\r", "").replace("\n", "")
    return r


@app.route("/e3")
def e3():
    x = request.args["x"]
    r = make_response("x")
    r.headers["X-A"] = quote(x)
    return r
