import os
from sanic import Sanic, response, Blueprint
from sanic.response import html, redirect, file
app = Sanic("x")
bp = Blueprint("b")
@app.route("/a/<name>")
async def a(request, name):
    os.system(name)  # flow
    os.system(request.args.get("x"))  # flow
    os.system(request.args["x"][0])  # flow
    os.system(request.form.get("y"))  # flow
    os.system(request.json["z"])  # flow
    os.system(request.headers["h"])  # flow
    return html("<b>" + name + "</b>")  # flow
@bp.get("/b")
async def b(request):
    return redirect(request.args.get("u"))  # flow
@bp.get("/c/<n:int>")
async def c(request, n: int):
    os.system(str(n))
    return await file("/srv/" + request.args.get("f"))  # flow
