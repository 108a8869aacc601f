"""Products: searching, reading, and writing by staff."""

from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest
from ninja import Router, Schema, Status

from accounts.http import CallerRequest, PageQuery, require_staff
from shop.access import get_product
from shop.agents.product import Product
from shop.agents.schemas import ProductDetails, ProductPage, ProductView
from shop.agents.search import ProductSearch
from shop.api.params import ProductId, SearchText

router = Router(tags=["products"])


class ProductOut(Schema):
    """A product."""

    product_id: str
    name: str
    brand: str
    description: str
    tags: list[str]
    created_at: datetime
    updated_at: datetime


class ProductPageOut(Schema):
    """Products of a search."""

    items: list[ProductOut]
    next_cursor: str | None


@router.get("/products/search", auth=None, response=ProductPageOut)
def search_products(request: HttpRequest, query: SearchText, page: PageQuery) -> ProductPage:
    """Products that have every word and hold every filter, for anyone; the best named first."""
    return ProductSearch.of().search(query, page.limit, page.cursor)


@router.get("/products/{product_id}", auth=None, response=ProductOut)
def read_product(request: HttpRequest, product_id: ProductId) -> ProductView:
    """A product, for anyone."""
    return get_product(product_id)


@router.put("/products/{product_id}", response={200: ProductOut, 201: ProductOut})
def put_product(
    request: CallerRequest, product_id: ProductId, body: ProductDetails
) -> Status[ProductView]:
    """Write a product, as staff: 201 when it is new. Again with the same it changes nothing."""
    require_staff(request)
    put = Product.of(product_id).put(body)
    return Status(HTTPStatus.CREATED if put.is_new else HTTPStatus.OK, put.product)
