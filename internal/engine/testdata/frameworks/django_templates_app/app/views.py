from django.shortcuts import render
from django.template.loader import render_to_string, get_template
from django.template.response import TemplateResponse
from django.http import HttpResponse
from django.views.generic import TemplateView, DetailView, FormView
from django.utils.safestring import mark_safe
from fastapi.templating import Jinja2Templates
class Thing:
    def __init__(self, n): self.n = n
    def label(self): return self.n
def a(request):
    ctx = {"q": request.GET["q"], "things": [Thing(request.GET["n"])]}
    ctx["late"] = request.GET["z"]
    return render(request, "app/a.html", ctx)
def b(request):
    return HttpResponse(get_template("app/b.html").render({"q": request.GET["q"]}, request))
def c(request):
    return TemplateResponse(request, "app/c.html", {"q": request.GET["q"]})
class D(TemplateView):
    template_name = "app/d.html"
    def get_context_data(self, **kw):
        ctx = super().get_context_data(**kw)
        ctx["q"] = self.request.GET["q"]
        return ctx
class E(TemplateView):
    template_name = "app/e.html"
    def get(self, request, *args, **kwargs):
        return self.render_to_response({"q": request.GET["q"]})
