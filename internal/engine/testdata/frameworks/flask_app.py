import os, re, io, sys, json, shutil, tempfile, zipfile, tarfile, logging, smtplib, xml, ldap, ldap3, pathlib, glob, socket, ftplib, importlib, pickle, marshal, shelve, yaml, subprocess, asyncio, csv, random, hashlib, urllib.request, http.client, time, codecs, fileinput, linecache, sqlite3, configparser
from email.mime.text import MIMEText
from flask import *
import requests, httpx, lxml.etree, xml.etree.ElementTree as ET, xml.sax, xml.dom.minidom
import pymongo, redis, psycopg2, MySQLdb, sqlalchemy, jsonpickle, dill, pandas as pd, numpy as np, joblib, torch, jinja2, mako.template, paramiko, pexpect, psutil, boto3, docker, markdown, bleach
from sqlalchemy import text, create_engine
app = Flask(__name__)
log = logging.getLogger()

@app.route("/fs")
def fs():
    p = request.args["p"]
    open(p)  # flow
    io.open(p + "x")  # flow
    os.open("oo" + p, 0)  # flow
    os.remove("a/" + p)  # flow
    os.unlink("b/" + p)  # flow
    os.rename("c/" + p, "x")  # flow
    os.makedirs("d/" + p)  # flow
    os.listdir("e/" + p)  # flow
    os.chmod("f/" + p, 0o600)  # flow
    shutil.rmtree("g/" + p)  # flow
    shutil.copy("h/" + p, "y")  # flow
    pathlib.Path("i/" + p).read_text()  # flow
    (pathlib.Path("/srv") / ("j/" + p)).write_bytes(b"")  # flow
    send_file("k/" + p)  # flow
    send_from_directory("/srv", "l/" + p)
    send_from_directory("m/" + p, "x")  # flow
    glob.glob("n/" + p)  # flow
    zipfile.ZipFile("o/" + p)  # flow
    tarfile.open("q/" + p)  # flow
    tempfile.NamedTemporaryFile(dir="r/" + p)  # flow
    sqlite3.connect("s/" + p)  # flow
    codecs.open("t/" + p)  # flow
    os.path.exists("u/" + p)
    os.walk("v/" + p)  # flow
    os.symlink("w/" + p, "x")  # flow
    shelve.open("x/" + p)  # flow
    logging.FileHandler("y/" + p)  # flow
    f = request.files["f"]
    f.save("up/" + f.filename)  # flow
    f.save(os.path.join("up", f.filename))  # flow
    zipfile.ZipFile(f).extractall("/srv")
    np.load("z/" + p)  # flow
    pd.read_csv("za/" + p)  # flow
    return "x"

@app.route("/cmd")
def cmd():
    c = request.args["c"]
    subprocess.run("ls " + c, shell=True)  # flow
    subprocess.Popen(["sh", "-c", "ls " + c])  # flow
    subprocess.check_output(["bash", "-c", c])  # flow
    subprocess.run([c, "x"])  # flow
    subprocess.run(["git", "clone", c])  # flow
    subprocess.run(["ls", "--", c])
    subprocess.getoutput("a" + c)  # flow
    os.popen("b" + c)  # flow
    os.execl("/bin/sh", "sh", "-c", c)  # flow
    os.execvp("k" + c, [c])  # flow
    os.spawnlp(os.P_WAIT, "sh", "sh", "-c", "l" + c)  # flow
    asyncio.create_subprocess_shell("c" + c)  # flow
    pexpect.spawn("d" + c)  # flow
    pexpect.run("e" + c)  # flow
    cl = paramiko.SSHClient()
    cl.exec_command("f" + c)  # flow
    subprocess.call("g %s" % c, shell=True)  # flow
    subprocess.call(f"h {c}".split())  # flow
    import shlex
    subprocess.call("i " + shlex.quote(c), shell=True)
    subprocess.call(shlex.split("j " + c))  # flow
    return "x"

@app.route("/code")
def code():
    c = request.args["c"]
    eval("a" + c)  # flow
    exec("b" + c)  # flow
    compile("c" + c, "x", "exec")  # flow
    __import__(c)  # flow
    importlib.import_module("d" + c)  # flow
    getattr(sys, c)()  # flow
    setattr(app, "s" + c, 1)  # flow
    globals()["g" + c]()  # flow
    pickle.loads(c.encode() + b"1")  # flow
    yaml.load(c + "1", Loader=yaml.Loader)  # flow
    yaml.unsafe_load(c + "2")  # flow
    yaml.safe_load(c)
    marshal.loads(c.encode() + b"3")  # flow
    jsonpickle.decode(c + "3")  # flow
    dill.loads(c + "4")  # flow
    joblib.load("a" + c)  # flow
    torch.load("b" + c)  # flow
    pd.read_pickle("c" + c)  # flow
    np.load("d" + c, allow_pickle=True)  # flow
    jinja2.Template("d" + c).render()  # flow
    render_template_string("e" + c)  # flow
    jinja2.Environment().from_string("f" + c)  # flow
    mako.template.Template("g" + c)  # flow
    pd.eval("h" + c)  # flow
    pd.DataFrame().query("i" + c)  # flow
    ("x" + c).format(app)  # flow
    return "x"

@app.route("/db")
def db():
    q = request.args["q"]
    psycopg2.connect("").cursor().execute("select '%s'" % q)  # flow
    MySQLdb.connect().cursor().execute("select " + q)  # flow
    e = create_engine("x")
    e.execute("a" + q)  # flow
    with e.connect() as c:
        c.execute(text("b" + q))  # flow
        c.execute(text("c :x"), {"x": q})
    m = pymongo.MongoClient().db
    m.users.find({"name": request.json["x"]})  # flow
    m.users.find({"name": q})
    m.users.find(json.loads(q))  # flow
    l = ldap.initialize("x")
    l.search_s("dc=x", 2, "(uid=" + q + ")")  # flow
    l.search_s("dc=x" + q, 2, "(uid=a)")  # flow
    ldap3.Connection("x").search("dc", "(uid=%s)" % q)  # flow
    pd.read_sql("d" + q, e)  # flow
    t = lxml.etree.parse("x")
    t.xpath("//a[@n='" + q + "']")  # flow
    ET.parse("x").findall("a" + q)  # flow
    redis.Redis().eval("a" + q, 0)  # flow
    return "x"

@app.route("/net")
def net():
    u = request.args["u"]
    requests.get(u, timeout=1)  # flow
    requests.request("GET", "http://" + u, timeout=1)  # flow
    requests.Session().post("https://" + u + "/x", timeout=1)  # flow
    httpx.get("http://a." + u)  # flow
    urllib.request.urlopen(u + "1")  # flow
    urllib.request.urlopen(urllib.request.Request(u + "2"))  # flow
    urllib.request.urlretrieve(u + "3", "x")  # flow
    http.client.HTTPConnection(u + "4")  # flow
    socket.create_connection((u, 80))  # flow
    s = socket.socket()
    s.connect((u, 80))  # flow
    requests.get("https://api.example/" + u, timeout=1)
    requests.get(f"https://{u}.example.com/", timeout=1)  # flow
    boto3.client("s3", endpoint_url=u + "5")  # flow
    pd.read_csv(u + "6")  # flow
    return redirect(u)  # flow

@app.route("/xml", methods=["POST"])
def xmls():
    d = request.data
    lxml.etree.fromstring(d)  # flow
    lxml.etree.fromstring(d, lxml.etree.XMLParser(resolve_entities=False))
    xml.sax.parseString(d, None)
    xml.dom.minidom.parseString(d)
    ET.fromstring(d)
    return "x"

@app.route("/out")
def out():
    n = request.args["n"]
    log.info("hello " + n)  # flow
    log.info("hello %s", n)  # flow
    app.logger.warning(f"x {n}")  # flow
    print(n)
    r = make_response("<b>" + n)  # flow
    r.headers["X-A"] = n  # flow
    r.set_cookie("a", n)  # flow
    re.match(n, "x")  # flow
    re.compile("(" + n + ")")  # flow
    re.search(re.escape(n), "x")
    m = MIMEText("x")
    m["Subject"] = n  # flow
    m["To"] = "a@b.c"
    smtplib.SMTP("x").sendmail("a", n, "x")  # flow
    session["user"] = n  # flow
    Markup("<b>%s</b>" % n)  # flow
    Markup("<b>%s</b>") % n
    if n == "z":
        return jsonify(n)
    if n == "y":
        return n, 200, {"Content-Type": "text/plain"}
    if n.startswith("w"):
        return f"<p>{n}</p>"  # flow
    return Response("<i>" + n, mimetype="text/html")  # flow


def version(*words):
    subprocess.run(["git", *words])  # flow


@app.route("/git/<int:number>")
def git(number):
    rev = request.args["rev"]
    version("show", f"v{number}:{rev}")
    version("log", rev)
    return "x"
