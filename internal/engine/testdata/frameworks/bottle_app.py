import os, sqlite3
from bottle import route, get, post, request, response, redirect, template, static_file, Bottle, run
app = Bottle()
@route("/a/<name>")
def a(name):
    os.system(name)  # flow
    os.system(request.query.q)  # flow
    os.system(request.forms.get("f"))  # flow
    os.system(request.params["p"])  # flow
    os.system(request.json["j"])  # flow
    redirect(request.query.get("u"))  # flow
    return "<b>" + name + "</b>"  # flow
@app.post("/b")
def b():
    return static_file(request.forms.get("n"), root="/srv")
@get("/c")
def c():
    return template("<b>" + request.query.x + "</b>")  # flow
@app.get("/d")
def d():
    u = request.files.get("u")
    u.save("/up/" + u.raw_filename)  # flow
    return open("/x/" + request.get_cookie("k")).read()  # flow
