from mako.template import Template
from pyramid.response import Response
from pyramid.view import view_config

PLAIN = Template("<b>${who}</b>")
OWN = Template("<b>${who | h}</b>")
ALL = Template("<b>${who}</b>", default_filters=["str", "h"])


@view_config(route_name="plain")
def plain(request):
    return Response(PLAIN.render(who=request.params["who"]))  # flow


@view_config(route_name="own")
def own(request):
    return Response(OWN.render(who=request.params["who"]))


@view_config(route_name="all")
def everything(request):
    return Response(ALL.render(who=request.params["who"]))


@view_config(route_name="page", renderer="templates/page.mako")
def page(request):
    return {"who": request.params["who"], "fixed": "s"}
