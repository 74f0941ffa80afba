import asyncio
import os

from aiohttp import web

JOBS = web.AppKey("jobs", asyncio.Queue)


async def printer(jobs: asyncio.Queue):
    while True:
        name = await jobs.get()
        os.system("print " + name)  # flow


async def counter(app):
    while True:
        number = await app["numbers"].get()
        os.system("count " + number)


async def speaker(app):
    while True:
        word = await app["words"].get()
        os.system("say " + word)  # flow


async def put(request):
    request.config_dict[JOBS].put_nowait(request.query["name"])
    await request.app["words"].put(request.query["word"])
    await request.app["numbers"].put(str(int(request.query["number"])))
    return web.Response(text="")


async def beside(app: web.Application):
    tasks = [asyncio.create_task(t) for t in (printer(app[JOBS]), counter(app), speaker(app))]
    yield
    for t in tasks:
        t.cancel()


def build() -> web.Application:
    app = web.Application()
    app[JOBS] = asyncio.Queue()
    app["words"] = asyncio.Queue()
    app["numbers"] = asyncio.Queue()
    app.cleanup_ctx.append(beside)
    app.router.add_post("/", put)
    return app
