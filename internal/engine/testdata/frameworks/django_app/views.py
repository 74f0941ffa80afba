import os, subprocess, requests, json
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, FileResponse
from django.shortcuts import render, redirect, get_object_or_404
from django.views import View
from django.views.generic import TemplateView, ListView, FormView, DetailView
from django.utils.safestring import mark_safe
from django.utils.html import format_html, escape
from django.db import connection
from django.contrib.auth.decorators import login_required
from django.views.decorators.csrf import csrf_exempt
from rest_framework.views import APIView
from rest_framework.decorators import api_view, action
from rest_framework.response import Response
from rest_framework import viewsets, generics
from .models import User, Item
from .forms import F
from .serializers import S

def a(request, slug):
    User.search(request.GET["q"])
    with connection.cursor() as c:
        c.execute("select '%s'" % slug)
        c.execute("select %s", [slug])
    User.objects.filter(name=request.GET["q"])
    User.objects.filter(**request.GET.dict())  # flow
    User.objects.order_by(request.GET["o"])
    return HttpResponse("<b>" + request.GET["q"])  # flow

@login_required
@csrf_exempt
def b(request):
    os.system(request.POST.get("c"))  # flow
    os.system(request.body.decode())  # flow
    d = json.loads(request.body)
    os.system(d["c"])  # flow
    os.system(request.META["HTTP_X"])  # flow
    os.system(request.headers.get("X"))  # flow
    os.system(request.COOKIES["c"])  # flow
    f = request.FILES["f"]
    open("/up/" + f.name, "wb").write(f.read())
    return redirect(request.GET.get("next"))  # flow

class V(View):
    def get(self, request, pk):
        os.system("x" + self.kwargs["pk"])  # flow
        os.system(request.GET["x"])  # flow
        return HttpResponse(mark_safe(request.GET["y"]))  # flow
    def post(self, request, *args, **kwargs):
        os.system(self.request.POST["x"])  # flow
        os.system(kwargs["z"])  # flow
        return HttpResponseRedirect(request.POST["u"])  # flow

class L(ListView):
    model = Item
    def get_queryset(self):
        return Item.objects.extra(where=["x = '%s'" % self.request.GET["x"]])  # flow
    def get_context_data(self, **kw):
        c = super().get_context_data(**kw)
        c["x"] = mark_safe(self.request.GET["x"])  # flow
        return c

class FV(FormView):
    form_class = F
    def form_valid(self, form):
        os.system(form.cleaned_data["s"])  # flow
        os.system(str(form.cleaned_data["n"]))
        os.system(form.cleaned_data["c"])
        return super().form_valid(form)

def formview(request):
    form = F(request.POST)
    if form.is_valid():
        os.system(form.cleaned_data["s"])  # flow
        os.system(str(form.cleaned_data["n"]))
        os.system(form.cleaned_data["c"])
        os.system(form.cleaned_data["r"])
        os.system(form.cleaned_data["s2"])
        os.system(form.cleaned_data.get("s"))  # flow
    return render(request, "x.html", {"form": form})

@api_view(["POST"])
def api(request):
    os.system(request.data["x"])  # flow
    os.system(request.query_params["x"])  # flow
    s = S(data=request.data)
    s.is_valid(raise_exception=True)
    os.system(s.validated_data["s"])  # flow
    os.system(str(s.validated_data["n"]))
    os.system(s.validated_data["c"])
    return Response({})

class Api(APIView):
    def post(self, request, pk=None):
        os.system(request.data.get("x"))  # flow
        os.system(pk)  # flow

class VS(viewsets.ModelViewSet):
    serializer_class = S
    def get_queryset(self):
        return Item.objects.raw("select '%s'" % self.request.query_params.get("x"))  # flow
    @action(detail=True, methods=["post"])
    def run(self, request, pk=None):
        os.system(request.data["c"])  # flow
        return Response()
    def perform_create(self, serializer):
        os.system(serializer.validated_data["s"])  # flow
        os.system(self.request.data["z"])  # flow

class G(generics.ListAPIView):
    def get_queryset(self):
        u = self.kwargs["username"]
        return Item.objects.raw("select '%s'" % u)  # flow

def typed(request, n, s):
    os.system("x %s" % n)
    os.system("x %s" % s)  # flow
    requests.get(request.GET["u"])  # flow
    requests.get("https://a.example/" + request.GET["u"])
    return FileResponse(open(request.GET["f"], "rb"))  # flow

class Handled(View):
    handler = None
    prefix = "ls "
    def get(self, request):
        self.handler(request.GET["q"])
        os.system(self.prefix)
        return HttpResponse("x")

def runs(q):
    os.system("ls " + q)  # flow

def counts(q):
    os.system("ls " + str(len(q)))

class Bulk(View):
    actions = None
    def post(self, request):
        handler = self.actions[request.POST["action"]]
        handler.execute(request, [])
        handler.execute(request.POST["sql"])  # flow
        return HttpResponse("x")

class Dispatched(View):
    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.word = request.GET["w"]
        self.fixed = "constant"
    def dispatch(self, request, *args, **kwargs):
        self.folder = request.GET.get("f", "")
        if self.folder not in ("a", "b"):
            return HttpResponse(status=404)
        return super().dispatch(request, *args, **kwargs)
    def get(self, request):
        os.system("ls " + self.word)  # flow
        os.system("ls " + self.fixed)
        os.system("ls " + self.folder)
        return HttpResponse("x")

class Initial(APIView):
    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.word = request.data["w"]
    def post(self, request):
        os.system("ls " + self.word)  # flow
        return Response({})
