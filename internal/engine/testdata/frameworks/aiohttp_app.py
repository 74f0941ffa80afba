import os, sqlite3, subprocess, pickle, json
from aiohttp import web
import aiohttp
import asyncpg, aiofiles
routes = web.RouteTableDef()

@routes.get("/a/{name}")
async def a(request):
    name = request.match_info["name"]
    os.system("ls " + name)  # flow
    q = request.query.get("q")
    subprocess.run(q, shell=True)  # flow
    data = await request.json()
    pickle.loads(data["x"].encode())  # flow
    post = await request.post()
    os.system(post["c"])  # flow
    body = await request.text()
    eval(body)  # flow
    async with aiohttp.ClientSession() as s:
        async with s.get(q) as r:  # flow
            await r.text()
    raise web.HTTPFound(q)  # flow

@routes.view("/v")
class V(web.View):
    async def get(self):
        os.system(self.request.query["x"])  # flow
        return web.Response(text="<b>" + self.request.query["y"] + "</b>", content_type="text/html")  # flow

async def h(request):
    async with aiofiles.open("/srv/" + request.query["f"]) as f:  # flow
        return web.Response(body=await f.read())

async def ws(request):
    w = web.WebSocketResponse()
    await w.prepare(request)
    async for msg in w:
        os.system(msg.data)  # flow
    return w

async def fr(request):
    return web.FileResponse("/srv/" + request.match_info["p"])  # flow

def make():
    app = web.Application()
    app.router.add_get("/h", h)
    app.add_routes([web.get("/ws", ws), web.get("/fr/{p:.*}", fr)])
    app.add_routes(routes)
    return app
