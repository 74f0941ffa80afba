"""Query sets and managers of the program's own."""
from django.db import models
from django.db.models.expressions import RawSQL
from django.http import HttpResponse


class NoteQuerySet(models.QuerySet):
    def published(self):
        return self.filter(state="published")

    def matching(self, term):
        return self.extra(where=[f"title = '{term}'"])  # flow

    def worded(self, term):
        return self.extra(where=["title = %s"], params=[term])


class NoteManager(models.Manager):
    def ranked(self, by):
        return self.get_queryset().annotate(rank=RawSQL(by, ()))  # flow


class Note(models.Model):
    objects = NoteQuerySet.as_manager()


class Draft(models.Model):
    objects = NoteManager.from_queryset(NoteQuerySet)()


def notes(request):
    found = Note.objects.published().order_by("title").matching(request.GET["q"])
    return HttpResponse(str(len(found)))


def words(request):
    return HttpResponse(str(len(Note.objects.published().worded(request.GET["q"]))))


def drafts(request):
    return HttpResponse(str(len(Draft.objects.ranked(request.GET["by"]))))
