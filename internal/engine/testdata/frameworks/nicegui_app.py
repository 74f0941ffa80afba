import html
import os

from nicegui import ui

WALL = []


def send(text):
    os.system("send " + text)  # flow


@ui.page("/")
def wall():
    who = ui.input("Name")
    number = ui.number("How many")
    ui.button("Send", on_click=lambda: send(who.value))
    ui.button("Count", on_click=lambda: os.system(f"count {int(number.value)}"))
    ui.button("Post", on_click=lambda: WALL.append((who.value, "fixed")))

    def run():
        os.system(who.value)  # flow

    ui.button("Run", on_click=run)


@ui.page("/wall")
def shown():
    for name, _ in WALL:
        ui.html(f"<h1>{name}</h1>", sanitize=False)  # flow
        ui.html(f"<h1>{html.escape(name)}</h1>", sanitize=False)
        ui.html(f"<h1>{name}</h1>")  # flow
        ui.label(name)
