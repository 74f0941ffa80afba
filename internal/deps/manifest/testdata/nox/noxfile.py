import nox

TOOLS = ["ruff==0.5", "black"]


@nox.session
@nox.parametrize("django", ["4.2", "5.0"])
def tests(session, django):
    session.install(f"django=={django}", "-r", "requirements/test.txt", "--upgrade")
    session.install("-e", ".[test]", "pytest==8.0")
    session.run("pytest", *session.posargs)


@nox.session
def lint(s):
    s.install(*TOOLS, *s.posargs)
    s.install("-c", "constraints.txt", "--extra-index-url", "https://inner.example/simple", "mypy")
    s.conda_install("-c", "conda-forge", "numpy=1.26")
    s.install(*unknown())


def helper(s):
    s.install("not-a-session")


@nox.session
def build(session):
    session.run("pip", "install", "--upgrade", "build==1.2", external=True)
    session.run_install("python", "-m", "pip", "install", "twine")
    session.run("pip", "list", "flask")
    session.run("python", "-m", "build", "redis")
