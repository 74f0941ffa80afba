import pickle

import redis
from flask import Flask, request
from pymongo import MongoClient

app = Flask(__name__)
kept = redis.Redis()
people = MongoClient().db.people


@app.post("/jobs/<number>")
def put(number):
    kept.set(f"job:{number}", request.data)
    kept.set(f"count:{number}", str(int(request.form["n"])))
    kept.hset("names", "first", request.form["name"])
    return ""


@app.get("/jobs/<number>/run")
def run(number):
    job = pickle.loads(kept.get(f"job:{number}"))  # flow
    count = kept.get(f"count:{number}").decode()
    eval(f"1 + {count}")
    name = kept.hget("names", "first").decode()
    eval(f"'{name}'")  # flow
    return ""


@app.get("/people")
def found():
    people.find_one({"name": request.args["name"]})
    people.find_one({"name": request.json["name"]})  # flow
    return ""
