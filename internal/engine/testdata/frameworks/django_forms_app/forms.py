from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_slug

ALLOWED = {"a", "b"}


def known(value):
    if value not in ALLOWED:
        raise ValidationError("no")


class F(forms.Form):
    s = forms.CharField()
    n = forms.IntegerField()
    d = forms.DecimalField()
    b = forms.BooleanField()
    u = forms.UUIDField()
    day = forms.DateField()
    choice = forms.ChoiceField(choices=[("a", "A")])
    multi = forms.MultipleChoiceField(choices=[("a", "A")])
    typed = forms.TypedChoiceField(choices=[("1", "A")], coerce=int)
    rx = forms.RegexField(r"^[a-z]+$")
    rx2 = forms.RegexField("[a-z]+")
    kw = forms.RegexField(regex=r"^[a-z]+$")
    slug = forms.SlugField()
    ip = forms.GenericIPAddressField()
    val = forms.CharField(validators=[validate_slug])
    fn = forms.CharField(validators=[known])
    rv = forms.CharField(validators=[RegexValidator(r"^[a-z]+$")])
    own = forms.CharField()
    lost = forms.CharField()
    cross = forms.CharField()

    def clean_own(self):
        v = self.cleaned_data["own"]
        if v not in ALLOWED:
            raise ValidationError("no")
        return v

    def clean_lost(self):
        v = self.cleaned_data["lost"]
        if v not in ALLOWED:
            print("no")
        return v

    def clean(self):
        data = super().clean()
        if data.get("cross") not in ALLOWED:
            raise ValidationError("no")
        return data
