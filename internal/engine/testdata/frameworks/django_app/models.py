from django.db import models
class User(models.Model):
    name = models.CharField(max_length=10)
    @classmethod
    def search(cls, term):
        return cls.objects.raw("SELECT * FROM u WHERE n = '%s'" % term)  # flow
class Item(models.Model):
    owner = models.ForeignKey(User, on_delete=models.CASCADE)
