import nox

TOOLS = ["ruff==0.5", "black"]


@nox.session
@nox.parametrize("django", ["4.2", "5.0"])
def tests(session, django):
    session.install(f"django=={django}", "-r", "requirements/test.txt", "--upgrade")
    session.install("-e", ".[test]", "pytest==8.0")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session):
    session.install(*TOOLS, *session.posargs)
    session.install("-c", "constraints.txt", "--extra-index-url", "https://inner.example/simple", "mypy")
    session.conda_install("-c", "conda-forge", "numpy=1.26")
    session.install(*unknown())
