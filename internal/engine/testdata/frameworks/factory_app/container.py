from functools import cached_property

import sqlalchemy as sa

import stores


class Container:
    def __init__(self, settings):
        self._settings = settings

    @cached_property
    def engine(self):
        return sa.create_engine(self._settings["DATABASE"])

    @cached_property
    def articles(self):
        return stores.Articles(self.engine)
