class Invalid(Exception):
    def __init__(self, message, hint="none"):
        super().__init__(message)
        self.message = message
        self.hint = hint

class Missing(Invalid):
    pass

class Quiet(Exception):
    pass
