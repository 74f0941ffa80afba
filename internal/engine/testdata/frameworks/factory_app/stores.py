import sqlalchemy as sa


class Store:
    def __init__(self, engine):
        self._engine = engine

    def _rows(self, statement, **params):
        with self._engine.connect() as connection:
            return list(connection.execute(statement, params))


class Articles(Store):
    def search(self, criteria):
        return self._rows(sa.text("SELECT * FROM articles ORDER BY " + criteria.sort))  # flow

    def named(self, name):
        return self._rows(sa.text("SELECT * FROM articles WHERE name = :n"), n=name)
