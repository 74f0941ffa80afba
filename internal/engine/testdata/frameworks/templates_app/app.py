from flask import Flask, render_template, request, render_template_string
import bleach, markupsafe
app = Flask(__name__)
class Item:
    def __init__(self, n):
        self.name = n
    def shown(self):
        return self.name
@app.route("/a")
def a():
    n = request.args["n"]
    items = [{"title": n, "ok": "x"}]
    return render_template("a.html", name=n, items=items, obj=Item(n), clean=bleach.clean(n), esc=markupsafe.escape(n), num=int(request.args["k"]), d={"k": n}, link=n, safe_link="https://a.example/" + n)
@app.route("/t")
def t():
    return render_template("plain.txt", name=request.args["n"])
@app.route("/s")
def s():
    x = request.args["x"]
    render_template_string("<b>{{ x }}</b>", x=x)
    return render_template_string("<b>{{ x|safe }}</b>", x=x)  # flow
