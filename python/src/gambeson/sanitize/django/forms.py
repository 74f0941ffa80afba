"""A form field whose value is safe to show."""

from django import forms

from . import policy


class SanitizedCharField(forms.CharField):
    """A CharField that cleans its text by a policy."""

    def __init__(self, *args, policy="comment", **kwargs):
        kwargs.setdefault("widget", forms.Textarea)
        super().__init__(*args, **kwargs)
        self.policy = policy

    def to_python(self, value):
        value = super().to_python(value)
        if value in self.empty_values:
            return value
        return policy(self.policy).clean(value)
