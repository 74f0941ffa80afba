import os
from blinker import Namespace, signal
from celery import Celery, shared_task
from django.dispatch import Signal, receiver
from flask import Flask, request

app = Flask(__name__)
queue = Celery("queue")
space = Namespace()
saved = space.signal("saved")
placed = Signal()

@saved.connect
def on_saved(sender, name, fixed=None):
    os.system("echo " + name)  # flow
    os.system("echo " + fixed)

@receiver(placed)
def on_placed(sender, note, **kwargs):
    os.system("echo " + note)  # flow
    os.system("echo " + kwargs["fixed"])

@signal("quiet").connect
def on_quiet(sender, name):
    os.system("echo " + name)

@queue.task(bind=True)
def convert(self, name, target="x"):
    os.system("convert " + name)  # flow
    os.system("convert " + target)

@shared_task
def prune(days):
    os.system("prune " + str(int(days)))

@app.route("/a")
def a():
    q = request.args["q"]
    saved.send(app, name=q, fixed="f")
    placed.send(sender=None, note=q, fixed="f")
    signal("quiet").send(app, name="constant")
    convert.apply_async(args=[q], kwargs={"target": "y"})
    prune.delay(q)
    return "ok"
