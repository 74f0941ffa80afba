import enum
import os
import re
from typing import Annotated, Literal, Optional

from fastapi import Depends, FastAPI, HTTPException, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, constr, conint, confloat, field_validator, model_validator, root_validator, validator

app = FastAPI()
ALLOWED = {"a", "b"}
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
Loose = Annotated[str, StringConstraints(pattern=r"[a-z0-9-]+")]
Word = constr(pattern=r"^[a-z]+$")


class Level(enum.StrEnum):
    low = "low"


class Item(BaseModel):
    slug: Slug
    loose: Loose
    word: Word
    length: constr(max_length=5)
    n: conint(gt=0)
    f: confloat(gt=0)
    level: Level
    lit: Literal["a", "b"]
    maybe: Optional[Slug] = None
    pat: str = Field(pattern=r"^\w+$")
    unanchored: str = Field(pattern=r"\w+")
    old: str = Field(regex=r"^\w+$")
    checked: str
    unchecked: str
    before: str
    cross: str
    other: str
    many: list[Slug] = []
    free: list[str] = []

    @field_validator("checked")
    @classmethod
    def check(cls, v: str) -> str:
        if v not in ALLOWED:
            raise ValueError("no")
        return v

    @field_validator("unchecked")
    @classmethod
    def look(cls, v: str) -> str:
        if v not in ALLOWED:
            print("no")
        return v

    @field_validator("before", mode="before")
    @classmethod
    def prepare(cls, v):
        return re.sub(r"[^a-z]", "", v)

    @model_validator(mode="after")
    def whole(self):
        if self.cross not in ALLOWED:
            raise ValueError("no")
        return self


@app.post("/a")
def a(item: Item):
    os.system("ls " + item.slug)
    os.system("ls " + item.loose)  # flow
    os.system("ls " + item.word)
    os.system("ls " + item.length)  # flow
    os.system(f"ls {item.n} {item.f}")
    os.system("ls " + item.level)
    os.system("ls " + item.lit)
    os.system(f"ls {item.maybe}")
    os.system("ls " + item.pat)
    os.system("ls " + item.unanchored)  # flow
    os.system("ls " + item.old)
    os.system("ls " + item.checked)
    os.system("ls " + item.unchecked)  # flow
    os.system("ls " + item.before)
    os.system("ls " + item.cross)
    os.system("ls " + item.other)  # flow
    os.system("ls " + item.many[0])
    os.system("ls " + item.free[0])  # flow


@app.get("/b/{name}/{number}")
def b(name: Annotated[str, Path(pattern=r"^[a-z]+$")], number: int = Path(ge=1), q: str = Query(pattern=r"^\w+$"), r: str = Query(regex=r"^\w+$"), s: str = Query(max_length=5), t: Level = Level.low, u: Slug = "a", v: bool = False):
    os.system("ls " + name)
    os.system(f"ls {number}")
    os.system("ls " + q)
    os.system("ls " + r)
    os.system("ls " + s)  # flow
    os.system("ls " + t)
    os.system("ls " + u)
    os.system(f"ls {v}")


@app.get("/c/{p:path}")
def c(p: str):
    return open("x/" + p).read()  # flow


@app.get("/d/{p}")
def d(p: str):
    os.system("ls " + p)  # flow


def known(kind: str = Query()) -> str:
    if kind not in ALLOWED:
        raise HTTPException(400)
    return kind


def unknown(kind: str = Query()) -> str:
    return kind


@app.get("/e")
def e(kind: str = Depends(known), other: Annotated[str, Depends(unknown)] = ""):
    os.system("ls " + kind)
    os.system("ls " + other)  # flow


class V1(BaseModel):
    a: str
    b: str

    @validator("a")
    def check(cls, v):
        assert v.isalnum()
        return v

    @root_validator
    def both(cls, values):
        if values["b"] not in ALLOWED:
            raise ValueError
        return values


@app.post("/f")
def f(item: V1):
    os.system("ls " + item.a)
    os.system("ls " + item.b)


@app.post("/g")
def g(data: dict):
    item = V1(**data)
    os.system("ls " + item.a)
    os.system("ls " + item.b)


class Half(BaseModel):
    kind: str
    other: str

    @model_validator(mode="after")
    def check(self):
        if self.kind not in ALLOWED:
            print("no")
        if self.other not in ALLOWED:
            raise ValueError("no")
        return self


@app.post("/h")
def h(item: Half):
    os.system("ls " + item.kind)  # flow
    os.system("ls " + item.other)


@app.post("/i")
def i(data: dict):
    item = Half.model_validate(data)
    os.system("ls " + item.kind)  # flow
    os.system("ls " + item.other)
