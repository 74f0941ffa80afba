import os, falcon, json
class R:
    def on_get(self, req, resp, name):
        os.system(name)  # flow
        os.system(req.get_param("x"))  # flow
        os.system(req.params["y"])  # flow
        os.system(req.get_header("H"))  # flow
        resp.body = "x"
        resp.content_type = falcon.MEDIA_HTML
        resp.html = "<b>" + req.get_param("z") + "</b>"  # flow
    def on_post(self, req, resp):
        d = json.loads(req.bounded_stream.read())
        os.system(d["x"])  # flow
        os.system(req.media["y"])  # flow
        os.system(req.media.get("y"))  # flow
        raise falcon.HTTPFound(req.get_param("u"))  # flow
app = falcon.App()
app.add_route("/r/{name}", R())
