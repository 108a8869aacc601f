"""The site's addresses, with the bench's routes in the API."""

from bench import api as bench_api  # first: the API is closed when its addresses are taken
from config.urls import urlpatterns

__all__ = ["bench_api", "urlpatterns"]
