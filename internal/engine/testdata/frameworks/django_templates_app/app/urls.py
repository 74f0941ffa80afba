from django.urls import path
from . import views
urlpatterns = [path("a", views.a), path("b", views.b), path("c", views.c), path("d", views.D.as_view()), path("e", views.E.as_view())]
