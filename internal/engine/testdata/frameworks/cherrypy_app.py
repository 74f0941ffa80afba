import os, cherrypy
class Root:
    @cherrypy.expose
    def index(self, name="x", *args, **kw):
        os.system(name)  # flow
        os.system(args[0])  # flow
        os.system(kw["z"])  # flow
        raise cherrypy.HTTPRedirect(kw["u"])  # flow
    @cherrypy.expose
    @cherrypy.tools.json_in()
    def j(self):
        os.system(cherrypy.request.json["x"])  # flow
        return "<b>" + cherrypy.request.params["p"] + "</b>"  # flow
    def hidden(self, x):
        os.system("ls")
