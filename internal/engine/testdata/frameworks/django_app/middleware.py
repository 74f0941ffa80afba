import os
class M:
    def __init__(self, get_response):
        self.get_response = get_response
    def __call__(self, request):
        os.system(request.GET["x"])  # flow
        return self.get_response(request)
    def process_view(self, request, view_func, view_args, view_kwargs):
        os.system(request.headers["x"])  # flow
def simple(get_response):
    def middleware(request):
        os.system(request.META["x"])  # flow
        return get_response(request)
    return middleware
