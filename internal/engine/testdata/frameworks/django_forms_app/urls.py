from django.urls import path, re_path

from . import views

urlpatterns = [
    path("a", views.a),
    path("b", views.b),
    path("c", views.c),
    path("d", views.d),
    path("n/<int:pk>/<str:name>", views.number),
    path("w/<slug:slug>/<path:rest>", views.words),
    re_path(r"^o/(?P<year>[0-9]{4})/(?P<word>.+)$", views.old),
]
