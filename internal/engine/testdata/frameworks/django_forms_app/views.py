import os

from django.http import HttpResponse, HttpResponseBadRequest
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.views import APIView

from .forms import ALLOWED, F
from .models import Row


def a(request):
    form = F(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("x")
    d = form.cleaned_data
    os.system("ls " + d["s"])  # flow
    os.system(f"ls {d['n']} {d['d']} {d['b']} {d['u']} {d['day']}")
    os.system("ls " + d["choice"])
    os.system("ls " + d["multi"][0])
    os.system(f"ls {d['typed']}")
    os.system("ls " + d["rx"])
    os.system("ls " + d["rx2"])  # flow
    os.system("ls " + d["kw"])
    os.system("ls " + d["slug"])
    os.system("ls " + d["ip"])
    os.system("ls " + d["val"])
    os.system("ls " + d["fn"])
    os.system("ls " + d["rv"])
    os.system("ls " + d["own"])
    os.system("ls " + d["lost"])  # flow
    os.system("ls " + d["cross"])
    os.system("ls " + form.data["rx"])  # flow
    return HttpResponse("x")


def b(request):
    form = F(request.POST)
    os.system("ls " + form.data["rx"])  # flow
    os.system("ls " + request.POST["rx"])  # flow
    return HttpResponse("x")


def c(request):
    form = F(request.GET)
    if form.is_valid():
        os.system("ls " + form.cleaned_data["own"])
        os.system("ls " + form.cleaned_data.get("s"))  # flow
    return HttpResponse("x")


class S(serializers.Serializer):
    s = serializers.CharField()
    n = serializers.IntegerField()
    choice = serializers.ChoiceField(choices=["a", "b"])
    rx = serializers.RegexField(r"^[a-z]+$")
    slug = serializers.SlugField()
    u = serializers.UUIDField()
    many = serializers.ListField(child=serializers.IntegerField())
    texts = serializers.ListField(child=serializers.CharField())
    own = serializers.CharField()
    cross = serializers.CharField()

    def validate_own(self, value):
        if value not in ALLOWED:
            raise serializers.ValidationError("no")
        return value

    def validate(self, attrs):
        if attrs["cross"] not in ALLOWED:
            raise serializers.ValidationError("no")
        return attrs


@api_view(["POST"])
def d(request):
    s = S(data=request.data)
    s.is_valid(raise_exception=True)
    v = s.validated_data
    os.system("ls " + v["s"])  # flow
    os.system(f"ls {v['n']} {v['u']}")
    os.system("ls " + v["choice"])
    os.system("ls " + v["rx"])
    os.system("ls " + v["slug"])
    os.system(f"ls {v['many'][0]}")
    os.system("ls " + v["texts"][0])  # flow
    os.system("ls " + v["own"])
    os.system("ls " + v["cross"])
    os.system("ls " + request.data["rx"])  # flow
    return HttpResponse("x")


def number(request, pk, name):
    os.system(f"ls {pk}")
    os.system("ls " + name)  # flow
    return HttpResponse("x")


def words(request, slug, rest):
    os.system("ls " + slug)
    return HttpResponse(open("x/" + rest))  # flow


def old(request, year, word):
    os.system(f"ls {year}")
    os.system("ls " + word)  # flow
    return HttpResponse("x")


class Rows(serializers.BaseSerializer):
    """What a mixin does with fields that another class declares: their names are not the visitor's."""

    def create(self, validated_data):
        rows = validated_data.pop("rows", [])
        for row in rows:
            Row.objects.create(**dict(row))
        os.system("ls " + rows[0]["name"])  # flow
        return Row.objects.create(**self.initial_data)  # flow
