from rest_framework import serializers
class S(serializers.Serializer):
    n = serializers.IntegerField()
    s = serializers.CharField()
    c = serializers.ChoiceField(choices=["a", "b"])
    def validate_s(self, value):
        return value
