import os, tornado.web, tornado.ioloop, tornado.template, sqlite3
db = sqlite3.connect("x")
class Main(tornado.web.RequestHandler):
    def get(self, slug):
        n = self.get_argument("n")
        os.system("x" + n)  # flow
        self.write("<h1>" + n + "</h1>")  # flow
        self.redirect(self.get_query_argument("next"))  # flow
        db.execute("select * from t where s='%s'" % slug)  # flow
        db.execute("select * from t where s=?", (slug,))
        self.write(tornado.escape.xhtml_escape(n))
    def post(self):
        b = tornado.escape.json_decode(self.request.body)
        os.system(b["c"])  # flow
        c = self.get_cookie("c")
        eval(c)  # flow
        f = self.request.files["f"][0]
        open("/up/" + f["filename"], "wb").write(f["body"])  # flow
        t = tornado.template.Template(self.get_body_argument("t"))  # flow
        self.set_header("X", self.request.headers["Y"])  # flow
        os.system(self.request.arguments["z"][0].decode())  # flow

class Prepared(tornado.web.RequestHandler):
    def prepare(self):
        self.word = self.get_argument("w")
        self.fixed = "constant"
    def get(self):
        os.system("ls " + self.word)  # flow
        os.system("ls " + self.fixed)
