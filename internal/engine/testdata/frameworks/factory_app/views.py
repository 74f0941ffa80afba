from flask import Blueprint, jsonify, request
from flask.views import MethodView


class Criteria:
    SORTS = {"name": "name ASC", "price": "price DESC"}

    def __init__(self, sort):
        self.sort = sort

    @classmethod
    def free(cls, args):
        return cls(args.get("sort", "name ASC"))

    @classmethod
    def listed(cls, args):
        return cls(cls.SORTS.get(args.get("sort"), "name ASC"))


class Browse(MethodView):
    criteria_from = Criteria.listed

    def __init__(self, store):
        self._store = store

    def criteria(self):
        return type(self).criteria_from(request.args)

    def get(self):
        return jsonify(self._store.search(self.criteria()))


class Search(Browse):
    criteria_from = Criteria.free


class Named(Browse):
    def get(self):
        return jsonify(self._store.named(request.args["name"]))


def build(c):
    bp = Blueprint("articles", __name__)
    rule = bp.add_url_rule
    rule("/", view_func=Browse.as_view("browse", c.articles))
    rule("/search", view_func=Search.as_view("search", c.articles))
    rule("/named", view_func=Named.as_view("named", c.articles))
    return bp
