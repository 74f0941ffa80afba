import os, subprocess, enum
from typing import Literal, Annotated, Optional, List
from fastapi import APIRouter, FastAPI, Depends, Query, Path, Body, Form, Header, Cookie, UploadFile, File
from pydantic import BaseModel, Field, constr, conint, field_validator, EmailStr
from fastapi.responses import HTMLResponse, PlainTextResponse
import sqlite3

app = FastAPI()
db = sqlite3.connect("x")

class Kind(str, enum.Enum):
    a = "a"
    b = "b"

class Item(BaseModel):
    name: str
    count: int
    kind: Kind
    mode: Literal["x", "y"]
    tags: List[str]
    code: constr(pattern=r"^[a-z]+$")
    slug: str = Field(pattern=r"^[a-z]+$")
    price: float = 0.0
    sub: "Optional[Sub]" = None

class Sub(BaseModel):
    title: str
    n: int

@app.post("/a")
def a(item: Item):
    db.execute("select * from t where n = '" + item.name + "'")  # flow
    db.execute("select * from t where n = '" + str(item.count) + "'")
    db.execute("select * from t where n = '" + item.kind + "'")
    db.execute("select * from t where n = '" + item.kind.value + "'")
    db.execute("select * from t where n = '" + item.mode + "'")
    db.execute("select * from t where n = '" + item.tags[0] + "'")  # flow
    db.execute("select * from t where n = '" + item.code + "'")
    db.execute("select * from t where n = '" + item.slug + "'")
    db.execute(f"select * from t where n = {item.price}")
    db.execute("select * from t where n = '" + item.sub.title + "'")  # flow
    db.execute("select * from t where n = '" + str(item.sub.n) + "'")

@app.get("/b/{kind}")
def b(kind: Kind, n: int, m: Literal["p", "q"], q: Annotated[str, Query(pattern="^[a-z]+$")], r: Annotated[int, Path(ge=1)], s: str = Query(...), t: Optional[int] = None):
    os.system("a" + kind)
    os.system("a" + kind.value)
    os.system("a" + str(n))
    os.system("a" + m)
    os.system("a" + q)
    os.system("a" + str(r))
    os.system("a" + s) # flow
    os.system("a" + str(t))

@app.post("/c")
async def c(file: UploadFile = File(...), body: dict = Body(...), h: str = Header(None), ck: str = Cookie(None), f: str = Form()):
    os.system("a" + file.filename) # flow
    os.system("a" + body["x"]) # flow
    os.system("a" + h) # flow
    os.system("a" + ck) # flow
    os.system("a" + f) # flow
    data = await file.read()
    os.system(data) # flow


pages = APIRouter(prefix="/pages", default_response_class=HTMLResponse)


@pages.get("/search")
def search_page(q: str = ""):
    return "<h1>" + q + "</h1>"  # flow


@pages.get("/plain", response_class=PlainTextResponse)
def plain_page(q: str = ""):
    return "<h1>" + q + "</h1>"
