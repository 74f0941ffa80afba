import os
from pyramid.view import view_config
from pyramid.response import Response
from pyramid.httpexceptions import HTTPFound
@view_config(route_name="a")
def a(request):
    os.system(request.params["x"])  # flow
    os.system(request.matchdict["y"])  # flow
    os.system(request.GET.get("z"))  # flow
    os.system(request.json_body["z"])  # flow
    if request.params.get("n"):
        return HTTPFound(location=request.params["n"])  # flow
    return Response("<b>" + request.params["h"] + "</b>")  # flow
@view_config(route_name="b", renderer="b.jinja2")
class B:
    def __init__(self, request):
        self.request = request
    def __call__(self):
        os.system(self.request.POST["x"])  # flow
class C:
    def __init__(self, context, request):
        self.request = request
    @view_config(route_name="c")
    def c(self):
        os.system(self.request.POST["x"])  # flow
        return {}
