import subprocess

import click


@click.command()
@click.option("--n", type=int)
@click.option("--count", default=1)
@click.option("--c", type=click.Choice(["a", "b"]))
@click.option("--flag", is_flag=True)
@click.option("--r", type=click.IntRange(0, 5))
@click.option("--s")
@click.option("--u", type=click.UUID)
@click.argument("name")
@click.argument("num", type=click.INT)
def command(n, count, c, flag, r, s, u, name, num):
    subprocess.run(f"ls {n} {count} {c} {flag} {r} {u} {num}", shell=True, check=True)
    subprocess.run("ls " + s, shell=True, check=True)  # flow
    subprocess.run("ls " + name, shell=True, check=True)  # flow
