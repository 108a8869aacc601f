"""The site, with pages that call talkers."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import handler400, handler500
from config.urls import urlpatterns as site
from tests.config.talking.agents import Talker

__all__ = ["handler400", "handler500", "urlpatterns"]


def call(request: HttpRequest, name: str, method: str) -> HttpResponse:
    """Call a method with the arguments of the query."""
    getattr(Talker.of(name), method)(**request.GET.dict())
    return HttpResponse()


def send(request: HttpRequest, name: str, method: str) -> HttpResponse:
    """Send a command."""
    getattr(Talker.of(name).trigger, method)(**request.GET.dict())
    return HttpResponse()


urlpatterns = [
    path("call/<name>/<method>", call),
    path("send/<name>/<method>", send),
    *site,
]
