from django.urls import path, re_path, include
from . import views
urlpatterns = [
    path("handled", views.Handled.as_view(handler=views.runs)),
    path("counted", views.Handled.as_view(handler=views.counts, prefix="cat ")),
    path("a/<slug:slug>/", views.a),
    path("b/", views.b),
    path("v/<pk>/", views.V.as_view()),
    path("l/", views.L.as_view()),
    path("fv/", views.FV.as_view()),
    path("f/", views.formview),
    path("api/", views.api),
    path("api2/<pk>", views.Api.as_view()),
    path("g/<username>", views.G.as_view()),
    path("t/<int:n>/<str:s>", views.typed),
]
