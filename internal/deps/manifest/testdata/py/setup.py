import os
import sys
from setuptools import setup, find_packages

HERE = os.path.dirname(os.path.abspath(__file__))
DJANGO = "django>=4.2,<5"
base = ["sage==1.1", DJANGO]
more = base + ["thyme"]
if sys.version_info < (3, 11):
    more.append("tomli==2.0.1")
more += ["late==1"]


def read(*parts):
    with open(os.path.join(HERE, *parts)) as f:
        return f.read()


def requirements(name):
    return [l for l in read("requirements", name).splitlines() if l]


extras = {"tea": ["camomile"], ":sys_platform == 'win32'": ["colorama>=0.4"]}
extras["all"] = more

setup(
    name="herbs",
    install_requires=[
        *more,
        "mint" "==0.3",
        f"basil=={os.environ['BASIL']}",
    ],
    setup_requires=requirements("build.txt"),
    tests_require=compute(),
    extras_require=extras,
)
