"""Functions that a decorator of the program makes handlers of."""
import functools
import os
from dataclasses import dataclass, field


@dataclass
class Request:
    query: dict = field(default_factory=dict)

    @classmethod
    def of(cls, event):
        return cls(query=event.get("queryStringParameters") or {})

    def number(self, name):
        return int(self.query[name])


def endpoint(function):
    @functools.wraps(function)
    def handler(event, context):
        try:
            return function(Request.of(event))
        except KeyError:
            return {"statusCode": 400}

    return handler


@endpoint
def listing(request):
    os.system("ls " + request.query["folder"])  # flow
    return {"statusCode": 200}


@endpoint
def page(request):
    os.system(f"ls {request.number('page')}")
    return {"statusCode": 200}


class Worker:
    def prepare(self, record):
        return record["body"]

    def act(self, message):
        raise NotImplementedError

    def __call__(self, event, context):
        for record in event["Records"]:
            self.act(self.prepare(record))


class Lister(Worker):
    def act(self, message):
        os.system("ls " + message)  # flow


class Counter(Worker):
    def prepare(self, record):
        return int(record["body"])

    def act(self, message):
        os.system(f"ls {message}")


lister, counter = Lister(), Counter()
