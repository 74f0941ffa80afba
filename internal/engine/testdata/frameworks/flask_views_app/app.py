import functools, os, subprocess
from flask import Flask, Blueprint, request, render_template_string
from flask.views import MethodView, View

app = Flask(__name__)
bp = Blueprint("bp", __name__)

def checked(f):
    @functools.wraps(f)
    def inner(name):
        if name not in ("a", "b"):
            return "no"
        return f(name)
    return inner

class Runner(View):
    methods = ["GET", "POST"]
    def __init__(self, command, tail="-l"):
        self.command = command
        self.tail = tail
    def dispatch_request(self):
        os.system(self.command + " " + request.args["q"])  # flow
        os.system(self.command + " " + self.tail)
        return "ok"

class Lister(View):
    def __init__(self, template, handler):
        self.template = template
        self.handler = handler
    def dispatch_request(self, name):
        self.handler(name)
        return render_template_string(self.template, name=name)

def run(name):
    os.system("ls " + name)  # flow

def quiet(name):
    os.system("ls")

class Guarded(MethodView):
    decorators = [checked]
    def get(self, name):
        os.system("echo " + name)
        return "x"

class Open(MethodView):
    init_every_request = False
    def get(self, name):
        os.system("echo " + name)  # flow
        return "x"
    def delete(self, name):
        return self.remove(name)
    def remove(self, name):
        os.system("rm -rf /srv/" + name)  # flow
        return "x"

class Base(View):
    def dispatch_request(self, **kwargs):
        return self.work(**kwargs)
    def work(self, **kwargs):
        raise NotImplementedError

class Impl(Base):
    def work(self, name):
        subprocess.run("ls " + name, shell=True)  # flow
        return "x"

class Other(Base):
    def work(self, name):
        return "x"

class Registry(MethodView):
    def __init__(self, model):
        self.model = model
    def get(self, id):
        return self.model.find(id)

class Hot:
    def find(self, id):
        os.system("find " + id)  # flow
        return "x"

class Cold:
    def find(self, id):
        os.system("find x")
        return "x"

app.add_url_rule("/run", view_func=Runner.as_view("run", "ls", tail="-a"))
app.add_url_rule("/list/<name>", view_func=Lister.as_view("list", "t.html", run))
app.add_url_rule("/quiet/<name>", view_func=Lister.as_view("quiet", template="t.html", handler=quiet))
app.add_url_rule("/guarded/<name>", view_func=Guarded.as_view("guarded"))
app.add_url_rule("/impl/<name>", view_func=Impl.as_view("impl"))
app.add_url_rule("/other/<name>", view_func=Other.as_view("other"))

def register_api(target, model, name):
    view = Registry.as_view(f"{name}-item", model)
    target.add_url_rule(f"/{name}/<id>", view_func=view)

register_api(app, Hot(), "hot")
register_api(app, Cold(), "cold")

open_view = Open.as_view("open")
bp.add_url_rule("/open/<name>", view_func=open_view, methods=["GET", "DELETE"])
