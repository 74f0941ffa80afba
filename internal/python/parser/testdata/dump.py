"""The other side of TestAgainstCPython: read a JSON list of texts, or of file names
with --files; write a JSON list of {"tree": ...} or {"line": n, "error": ...}, the
tree in the form of ast.Dump."""
import ast
import json
import struct
import sys
import warnings

LEFT_OUT = ("type_comment", "type_ignores")


def bits(number):
    return struct.pack(">d", number).hex()


def constant(value):
    if value is Ellipsis:
        return "Ellipsis"
    kinds = {
        str: json.dumps,
        bytes: lambda v: 'b"%s"' % v.hex(),
        int: "i{:x}".format,
        float: lambda v: "f" + bits(v),
        complex: lambda v: "c" + bits(v.imag),
    }
    return kinds.get(type(value), str)(value)


def dump(node):
    if isinstance(node, list):
        return "[%s]" % " ".join(map(dump, node))
    if not isinstance(node, ast.AST):
        return str(node)
    text = "(" + type(node).__name__
    if hasattr(node, "lineno"):
        text += "@%d:%d-%d:%d" % (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
    for name in node._fields:
        value = getattr(node, name, None)
        if name in LEFT_OUT or name == "is_lazy" and not value:
            continue
        literal = isinstance(node, ast.Constant) or isinstance(node, ast.MatchSingleton)
        text += " %s=%s" % (name, constant(value) if literal else dump(value))
    return text + ")"


def answer(text):
    try:
        return {"tree": dump(ast.parse(text))}
    except SyntaxError as error:
        return {"line": error.lineno or 0, "error": error.msg}
    except (ValueError, RecursionError, MemoryError) as error:
        return {"line": 0, "error": str(error)}


def read(name):
    with open(name, "rb") as file:
        return file.read()


warnings.simplefilter("ignore")
sys.setrecursionlimit(10000)
sys.stdin.reconfigure(encoding="utf-8")
if "--files" in sys.argv:
    texts = map(read, json.load(sys.stdin))
else:
    texts = (text.encode("utf-8") for text in json.load(sys.stdin))
json.dump([answer(text) for text in texts], sys.stdout)
