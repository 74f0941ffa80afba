package models

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// A name that no program ever gives to anything is worth nothing. On each line with a mark,
// something must have a name that a model knows, as what the mark says: "# sink sql.text",
// "# source", "# route", "# clears path".
const usual = `
-- standard.py --
import asyncio, html, logging, os, pathlib, pickle, re, shlex, shutil, socket, subprocess as sp, sys, tarfile
import xml.etree.ElementTree as ET
from http.server import BaseHTTPRequestHandler
from urllib.request import urlopen
import urllib.parse

log = logging.getLogger(__name__)
here = pathlib.Path(__file__).parent

def f(x):
    os.system(x)  # sink command.shell
    sp.run(x, shell=True)  # sink command.shell
    sp.Popen([x])  # sink command.program
    eval(x)  # sink code
    __import__(x)  # sink module
    getattr(f, x)  # sink attribute
    open(x)  # sink path
    (here / x).read_text()
    here.joinpath(x).read_text()  # sink path
    pathlib.Path(x).resolve().unlink()  # sink path
    shutil.rmtree(x)  # sink path
    with tarfile.open(x) as t:
        t.extractall()  # sink path
    urlopen(x)  # sink url.fetch
    s = socket.socket()
    s.connect((x, 80))  # sink url.fetch
    s.recv(10)  # source
    pickle.loads(x)  # sink deserialize
    ET.fromstring(x)  # sink xml.expand
    ET.parse(x).getroot().find(x)  # sink xpath
    re.compile(x)  # sink regex
    log.info("hello %s", x)  # sink log
    "{}".format(x)  # sink format
    sys.argv[1]  # source
    os.environ["HOME"]  # source
    os.environ.get("HOME")  # source
    int(x)  # clears sql.text
    shlex.quote(x)  # clears command.shell
    html.escape(x)  # clears html.text
    os.path.basename(x)  # clears path
    pathlib.Path(x).name  # clears path
    urllib.parse.quote_plus(x)  # clears html.text

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.path  # source
        self.headers["X"]  # source
        self.wfile.write(self.path)  # sink html.text
-- chats.py --
from discord.ext import commands
from telegram.ext import CommandHandler
import discord
import telegram
from google.cloud import storage

bot = commands.Bot(command_prefix="!")

@bot.command()  # route
async def game(ctx, *, title):
    ...

@bot.tree.command(name="roll")  # route
async def roll(interaction, sides):
    ...

def handlers(update: telegram.Update, message: discord.Message, f):
    CommandHandler("find", f)  # route
    message.content  # source
    storage.Client().bucket("b").blob("x").download_to_filename(f)  # sink path
-- flaskapp.py --
import flask
from flask import Flask, Blueprint, request, redirect, render_template_string, session, send_file, make_response
from flask.views import MethodView
from flask_sqlalchemy import SQLAlchemy
from werkzeug.utils import secure_filename
from markupsafe import Markup, escape
from jinja2 import Environment

app = Flask(__name__)
bp = Blueprint("x", __name__)
db = SQLAlchemy(app)

@app.route("/")  # route
def index():
    q = request.args.get("q")  # source
    request.files["f"].filename  # source
    render_template_string(q)  # sink template
    redirect(q)  # sink url.redirect
    send_file(q)  # sink path
    Markup(q)  # sink html.text
    escape(q)  # clears html.text
    secure_filename(q)  # clears path
    session["user"] = q  # sink session
    r = make_response("x")
    r.headers["X"] = q  # sink header
    r.set_cookie("a", q)  # sink cookie
    Environment().from_string(q)  # sink template
    db.session.execute(q)  # sink sql.text
    db.engine.connect().execute(q)  # sink sql.text
    app.logger.info(q)  # sink log
    return q

@bp.get("/x")  # route
def x(): pass
-- databases.py --
import sqlite3, psycopg2, pymysql, mysql.connector, asyncpg, aiosqlite, ldap, ldap3, pymongo, MySQLdb, oracledb
from psycopg import sql
from sqlalchemy import create_engine, text, select
from sqlalchemy.orm import sessionmaker, Session
from django.db import connection

engine = create_engine("x")
Sessions = sessionmaker(bind=engine)

async def f(x, s: Session, pool: asyncpg.Pool):
    c = sqlite3.connect("a.db")
    c.execute(x)  # sink sql.text
    c.cursor().executemany(x, [])  # sink sql.text
    with psycopg2.connect(x) as p, p.cursor() as cur:
        cur.execute(x)  # sink sql.text
        cur.fetchone()  # clears html.text
    pymysql.connect().cursor().execute(x)  # sink sql.text
    mysql.connector.connect().cursor().execute(x)  # sink sql.text
    MySQLdb.connect().cursor().execute(x)  # sink sql.text
    oracledb.connect().cursor().execute(x)  # sink sql.text
    connection.cursor().execute(x)  # sink sql.text
    text(x)  # sink sql.text
    engine.execute(x)  # sink sql.text
    Sessions().execute(x)  # sink sql.text
    s.execute(x)  # sink sql.text
    s.query(f).filter(x)  # sink sql.text
    select(f).where(x)  # clears sql.text
    a = await asyncpg.connect(x)
    await a.fetch(x)  # sink sql.text
    async with pool.acquire() as a:
        await a.fetchrow(x)  # sink sql.text
    async with aiosqlite.connect("a") as d:
        await d.execute(x)  # sink sql.text
    sql.Identifier(x)  # clears sql.text
    l = ldap.initialize("x")
    l.search_s(x, 1, x)  # sink ldap
    ldap3.Connection("x").search(x, x)  # sink ldap
-- djangoapp.py --
from django.http import HttpResponse, HttpRequest
from django.shortcuts import redirect
from django.urls import path
from django.utils.safestring import mark_safe
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from rest_framework.views import APIView
from rest_framework.decorators import api_view

def index(request: HttpRequest):
    request.GET["q"]  # source
    HttpResponse(request.GET["q"])  # sink html.text
    redirect(request.GET["q"])  # sink url.redirect
    mark_safe(request.GET["q"])  # sink html.text
    request.session["user"] = 1  # sink session

class Page(View):
    def get(self, request):
        self.request.GET["q"]  # source

class Api(APIView):
    def get(self, request):
        self.request.data  # source

@api_view(["GET"])  # route
def api(request): pass

urlpatterns = [path("x", index)]  # route
-- others.py --
import aiohttp, bottle, httpx, requests, yaml, lxml.etree, jinja2, paramiko, pandas as pd, torch, click, joblib
from aiohttp import web
from fastapi import FastAPI, APIRouter, Request, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, FileResponse
import tornado.web
from openai import OpenAI
from lxml import etree

app = FastAPI()
router = APIRouter(prefix="/x")
client = OpenAI()

@app.get("/")  # route
def index(request: Request, dep=Depends(int)):  # route
    request.query_params["q"]  # source
    HTMLResponse(request)  # sink html.text
    RedirectResponse(request)  # sink url.redirect
    FileResponse(request)  # sink path

@router.post("/")  # route
async def post(x):
    requests.get(x)  # sink url.fetch
    requests.Session().post(x)  # sink url.fetch
    httpx.AsyncClient().get(x)  # sink url.fetch
    async with aiohttp.ClientSession() as s:
        await s.get(x)  # sink url.fetch
    yaml.load(x)  # sink yaml
    etree.fromstring(x).xpath(x)  # sink xpath
    etree.parse(x)  # sink xml
    jinja2.Template(x)  # sink template
    paramiko.SSHClient().exec_command(x)  # sink command.shell
    pd.read_pickle(x)  # sink deserialize
    pd.DataFrame(x).query(x)  # sink code
    torch.load(x)  # sink deserialize
    joblib.load(x)  # sink deserialize
    client.chat.completions.create(model="x")  # source

class Main(tornado.web.RequestHandler):
    def get(self):
        q = self.get_argument("q")  # source
        self.request.headers  # source
        self.write(q)  # sink html.text
        self.redirect(q)  # sink url.redirect

async def handler(request: web.Request):
    await request.json()  # source
    web.HTTPFound(request)  # sink url.redirect

web.get("/", handler)  # route

@click.command()  # route
def main(): pass

@bottle.route("/")  # route
def page():
    bottle.request.query.q  # source
    bottle.redirect(1)  # sink url.redirect
`

var mark = regexp.MustCompile(`  # (sink|source|route|clears) ?(.*)$`)

func TestNames(t *testing.T) {
	files := map[string][]byte{}
	var paths []string
	for _, f := range txtar.Parse([]byte(usual)).Files {
		files[f.Name] = f.Data
		paths = append(paths, f.Name)
	}
	p := program.New(paths, func(p string) (*source.File, error) { return source.New(p, files[p]), nil })
	types := map[string]string{}
	for _, m := range Builtin() {
		for _, r := range m.Returns {
			if r.Call != "" {
				types[r.Call+"()"] = r.Type + "()"
			} else {
				types[r.Value] = r.Type + "()"
			}
		}
	}
	marks := 0
	for _, m := range p.Modules() {
		u, err := m.Unit()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range u.Tree.Errors {
			t.Errorf("%s: %v: %s", m.Path, u.File.Position(e.Span.Start), e.Message)
		}
		lines := map[int][]string{}
		for _, x := range u.Tree.Nodes()[1:] {
			e, ok := x.(ast.Expr)
			if !ok {
				continue
			}
			line := u.File.Position(x.Start()).Line
			for _, n := range u.Names(e) {
				lines[line] = append(lines[line], n, typed(n, types))
			}
		}
		for line := 1; line <= strings.Count(string(files[m.Path]), "\n"); line++ {
			want := mark.FindStringSubmatch(u.File.Line(line))
			if want == nil {
				continue
			}
			marks++
			if !slices.ContainsFunc(lines[line], func(n string) bool { return known(n, want[1], want[2]) }) {
				t.Errorf("%s:%d: %s\n  no model knows any of %s", m.Path, line, strings.TrimSpace(u.File.Line(line)), strings.Join(lines[line], " "))
			}
		}
	}
	if marks < 110 {
		t.Errorf("%d marks were looked at: some are lost", marks)
	}
}

// typed gives results their types, from the left.
func typed(name string, types map[string]string) string {
	for range 20 {
		end := len(name)
		for ; end > 0; end-- {
			if t, ok := types[name[:end]]; ok && t != name[:end] && (end == len(name) || strings.ContainsRune(".([", rune(name[end]))) {
				name = t + name[end:]
				break
			}
		}
		if end == 0 {
			break
		}
	}
	return name
}

func known(name, what, kind string) bool {
	k, _ := ParseKind(kind)
	for _, m := range Builtin() {
		switch what {
		case "source":
			if slices.ContainsFunc(m.Sources, func(s Source) bool { return s.Value != "" && s.Value == name || s.Call != "" && s.Call == name }) {
				return true
			}
		case "route":
			if slices.ContainsFunc(m.Routes, func(r Route) bool { return r.Decorator == name || r.Register == name }) {
				return true
			}
		case "sink":
			if slices.ContainsFunc(m.Sinks, func(s Sink) bool { return s.Kind == kind && (s.Call == name || s.Assign == name) }) {
				return true
			}
		case "clears":
			if slices.ContainsFunc(m.Sanitizers, func(s Sanitizer) bool {
				c, _ := ParseKinds(s.Clears)
				return c&k != 0 && (s.Call == name || s.Value == name)
			}) {
				return true
			}
		}
	}
	return false
}
