import os
from litestar import Litestar, get, post, Request, Controller
from litestar.response import Redirect, Response
from litestar.enums import MediaType
@get("/a/{name:str}")
async def a(name: str, n: int, request: Request) -> str:
    os.system(name)  # flow
    os.system(str(n))
    os.system(request.query_params["x"])  # flow
    return "x"
@get("/h", media_type=MediaType.HTML)
async def h(q: str) -> str:
    return "<b>" + q + "</b>"  # flow
class C(Controller):
    path = "/c"
    @post("/x")
    async def p(self, data: dict) -> None:
        os.system(data["x"])  # flow
    @get("/r")
    async def r(self, u: str) -> Redirect:
        return Redirect(u)  # flow
