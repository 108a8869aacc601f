"""The photos of products."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, open_page
from agents_core.files import open_file
from shop.access import get_product
from shop.agents.errors import ProductNotFound
from shop.agents.product import Product
from shop.ids import product_id_of

FOR_EVER = "public, max-age=31536000, immutable"


@require_GET
@open_page
def picture(request: PageRequest, product_id: str, version: str) -> HttpResponse:
    """The photo of a product that is sold, for anyone. Another photo has another address."""
    found = get_product(product_id_of(product_id))
    file = Product.of(product_id).get_picture()
    if file is None or found.picture != version:
        raise ProductNotFound(product_id=product_id)
    with open_file(file) as opened:
        response = HttpResponse(opened.read(), content_type=file.content_type)
    response["Cache-Control"] = FOR_EVER
    return response
