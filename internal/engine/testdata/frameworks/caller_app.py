from flask import Flask, abort, request
from flask_login import LoginManager, current_user
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)
login = LoginManager(app)


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    tagline = db.Column(db.String)
    motto = db.Column(db.String)
    nick = db.Column(db.String)


@login.user_loader
def load(number):
    return db.session.get(Member, int(number))


class Repository:
    model = None

    def __init__(self, session):
        self.session = session

    def get(self, number):
        return self.session.get(self.model, number)


class Members(Repository):
    model = Member


def told(member, form):
    member.motto = form["motto"]


@app.post("/me")
def me():
    current_user.tagline = request.form["tagline"]
    told(current_user, request.form)
    db.session.commit()
    return ""


@app.get("/members/<int:number>")
def member(number):
    return "<b>" + db.session.get(Member, number).tagline  # flow


@app.get("/members/<int:number>/motto")
def motto(number):
    found = Members(db.session).get(number) or abort(404)
    return "<b>" + found.motto  # flow


@app.get("/members/<int:number>/nick")
def nick(number):
    return "<b>" + Members(db.session).get(number).nick


@app.get("/me")
def mine():
    return "<b>" + current_user.motto  # flow
