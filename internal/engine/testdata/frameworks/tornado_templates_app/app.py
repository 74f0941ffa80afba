import sqlite3
from dataclasses import dataclass

import tornado.web

db = sqlite3.connect("notes.db")
db.row_factory = sqlite3.Row


@dataclass
class Note:
    number: int
    text: str


class Add(tornado.web.RequestHandler):
    def post(self):
        db.execute("INSERT INTO note (number, text) VALUES (?, ?)", (1, self.get_argument("text")))


class Show(tornado.web.RequestHandler):
    def get(self):
        notes = [Note(**row) for row in db.execute("SELECT number, text FROM note")]
        self.render("notes.html", notes=notes, title=self.get_argument("title"))


app = tornado.web.Application([("/add", Add), ("/", Show)])
