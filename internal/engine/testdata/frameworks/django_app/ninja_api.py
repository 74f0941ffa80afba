import os
from ninja import NinjaAPI, Schema, Router
api = NinjaAPI()
router = Router()
class In(Schema):
    s: str
    n: int
@api.get("/a/{name}")
def a(request, name: str, n: int = 1):
    os.system(name)  # flow
    os.system(str(n))
@router.post("/b")
def b(request, data: In):
    os.system(data.s)  # flow
    os.system(str(data.n))
    os.system(request.GET["x"])  # flow
