from django import forms
class F(forms.Form):
    n = forms.IntegerField()
    s = forms.CharField()
    c = forms.ChoiceField(choices=[("a", "A")])
    r = forms.RegexField(regex=r"^[a-z]+$")
    def clean_s2(self):
        v = self.cleaned_data["s2"]
        if v not in ("a", "b"):
            raise forms.ValidationError("no")
        return v
    s2 = forms.CharField()
