"""Products and prices in the admin: real forms, pictures, files, and nobody else."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from agents_core.testing import step
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import PriceItem
from tests.browsing import HTMX
from tests.shop.pages.test_catalogue import sell
from tests.shop.test_bulk import GOOD

BASE = "/admin/shop/product"


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("root", is_staff=True))
    return client


def rows(kind: str, *items: dict[str, str]) -> dict[str, str]:
    """What a browser sends of a set of prices."""
    sent = {f"{kind}-TOTAL_FORMS": str(len(items)), f"{kind}-INITIAL_FORMS": "0"}
    for number, item in enumerate(items):
        sent |= {f"{kind}-{number}-{name}": value for name, value in item.items()}
    return sent


def form(**changes: Any) -> dict[str, Any]:
    """A whole form, sent well."""
    dollars = {"currency": "USD", "zone": "global"}
    return {
        "name": "Tin kettle",
        "brand": "Aurora",
        "description": "It hums.",
        "tags": "Kitchen, tin, ",
        **rows("msrp", dollars | {"price": "50"}),
        **rows(
            "list", dollars | {"price": "40"}, {"currency": "EUR", "zone": "eu", "price": "37.5"}
        ),
        **rows("sale", dollars | {"price": "30", "start": "2026-01-01T00:00", "end": ""}),
    } | changes


def photo(size: tuple[int, int] = (2000, 1000)) -> SimpleUploadedFile:
    """A photo with a secret in it."""
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    data = io.BytesIO()
    Image.new("RGB", size, "teal").save(data, "JPEG", exif=exif)
    return SimpleUploadedFile("p.jpg", data.getvalue(), "image/jpeg")


def test_a_product_is_made_with_all_its_prices(staff: Client) -> None:
    answer = staff.post(f"{BASE}/add/", form(product_id="kettle"))
    assert answer["Location"] == f"{BASE}/kettle/change/"
    product = Product.of("kettle").get_product()
    pricing = Pricing.of("kettle").get_pricing()
    assert product is not None
    assert pricing is not None
    assert product.tags == ["kitchen", "tin"]
    assert [item.price for item in pricing.msrp_prices] == [Decimal("50.00")]
    assert [(item.currency, item.zone) for item in pricing.list_prices] == [
        ("USD", "global"),
        ("EUR", "eu"),
    ]
    assert pricing.sale_prices[0].start is not None
    assert pricing.sale_prices[0].end is None


def test_what_is_shown_sent_back_changes_nothing(staff: Client) -> None:
    staff.post(f"{BASE}/add/", form(product_id="kettle", tags=r"tin, salt\, pepper, a|b, c\\"))
    product = Product.of("kettle").get_product()
    assert product is not None
    assert product.tags == ["tin", "salt, pepper", "a|b", "c\\"]
    before = Product.of("kettle").get_product(), Pricing.of("kettle").get_pricing()
    page = staff.get(f"{BASE}/kettle/change/")
    sent: dict[str, Any] = dict(page.context["form"].initial)
    for _, _, shown in page.context["sets"]:
        sent |= {
            f"{shown.prefix}-TOTAL_FORMS": str(shown.total_form_count()),
            f"{shown.prefix}-INITIAL_FORMS": str(shown.initial_form_count()),
        }
        for row in shown:
            for field in row:
                value = field.value()
                sent[field.html_name] = "" if value in (None, False) else str(value)
    answer = staff.post(f"{BASE}/kettle/change/", sent)
    assert answer.status_code == 302, answer.context["sets"]
    assert (Product.of("kettle").get_product(), Pricing.of("kettle").get_pricing()) == before


def test_a_row_is_taken_out_and_another_comes(staff: Client) -> None:
    staff.post(f"{BASE}/add/", form(product_id="kettle"))
    old = {"currency": "USD", "zone": "global", "price": "40", "DELETE": "on"}
    new = {"currency": "JPY", "zone": "japan", "price": "6000"}
    sent = form(**rows("list", old, new) | {"list-INITIAL_FORMS": "1"})
    assert staff.post(f"{BASE}/kettle/change/", sent).status_code == 302
    pricing = Pricing.of("kettle").get_pricing()
    assert pricing is not None
    assert [(item.currency, str(item.price)) for item in pricing.list_prices] == [("JPY", "6000")]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "required"),
        ({"tags": ",".join(map(str, range(31)))}, "at most 30 tags"),
        ({"tags": "x" * 41}, "tag has 1 to 40"),
        (rows("list", {"currency": "USD", "zone": "global", "price": "1.005"}), "2 decimal places"),
        (rows("list", {"currency": "USD", "zone": "the moon", "price": "1"}), "should match"),
        (rows("list", {"currency": "USD", "zone": "global", "price": "-1"}), "greater than"),
        (
            rows("list", *[{"currency": "EUR", "zone": "eu", "price": "1"}] * 2),
            "There are two list prices",
        ),
        (
            rows(
                "sale",
                {
                    "currency": "USD",
                    "zone": "global",
                    "price": "1",
                    "start": "2026-02-01T00:00",
                    "end": "2026-01-01T00:00",
                },
            ),
            "start before it ends",
        ),
        ({"picture": SimpleUploadedFile("p.png", b"no picture", "image/png")}, "not a JPEG"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_saved(
    staff: Client, changes: dict[str, Any], says: str
) -> None:
    answer = staff.post(f"{BASE}/add/", form(product_id="kettle", **changes))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Product.of("kettle").get_product() is None
    assert Pricing.of("kettle").get_pricing() is None


def test_what_is_there_is_not_made_again(staff: Client) -> None:
    sell("kettle", "80.00")
    answer = staff.post(f"{BASE}/add/", form(product_id="kettle"))
    assert answer.status_code == 422
    assert "such a product already" in answer.content.decode()


def test_a_photo_is_made_anew_shown_and_taken_away(staff: Client) -> None:
    staff.post(f"{BASE}/add/", form(product_id="kettle", picture=photo()))
    product = Product.of("kettle").get_product()
    assert product is not None
    address = f"/shop/products/kettle/{product.picture}.webp"
    assert address in Client().get("/shop/products/kettle/").content.decode()
    answer = Client().get(address)
    assert answer["Content-Type"] == "image/webp"
    with Image.open(io.BytesIO(b"".join(answer))) as kept:
        assert kept.size == (1200, 600)
        assert not kept.getexif()
    assert Client().get("/shop/products/kettle/0123.webp").status_code == 404
    staff.post(f"{BASE}/kettle/act/", {"action": "remove_picture"})
    assert Client().get(address).status_code == 404
    assert '<svg class="still-life"' in Client().get("/shop/products/kettle/").content.decode()


def test_a_product_is_withdrawn_and_sold_again(staff: Client) -> None:
    sell("kettle", "80.00")
    staff.post(f"{BASE}/kettle/act/", {"action": "withdraw"})
    assert Client().get("/shop/products/kettle/").status_code == 404
    found = staff.get(f"{BASE}/", {"q": "kettle"})
    assert found.context["items"] == []
    assert f'href="{BASE}/kettle/change/"' in found.content.decode()
    assert "It is withdrawn" in staff.get(f"{BASE}/kettle/change/").content.decode()
    staff.post(f"{BASE}/kettle/act/", {"action": "sell"})
    assert Client().get("/shop/products/kettle/").status_code == 200
    assert staff.post(f"{BASE}/kettle/act/", {"action": "eat"}).status_code == 400


def test_the_list_is_searched_and_paged(staff: Client) -> None:
    for number in range(51):
        sell(f"cup-{number:02}", "5.00")
    sell("kettle", "80.00", brand="Borealis")
    page = staff.get(f"{BASE}/")
    assert len(page.context["items"]) == 50
    rest = staff.get(f"{BASE}/", {"cursor": page.context["next_cursor"]})
    assert len(rest.context["items"]) == 2
    found = staff.get(f"{BASE}/", {"q": "brand:borealis"})
    assert [item.product.product_id for item in found.context["items"]] == ["kettle"]
    assert "$80.00" in found.content.decode()


def test_a_file_is_imported_while_one_looks_on(staff: Client) -> None:
    sent = SimpleUploadedFile("goods.csv", GOOD.encode(), "text/csv")
    place = staff.post(f"{BASE}/import/", {"file": sent})["Location"]
    waiting = staff.get(place).content.decode()
    assert "being read" in waiting
    assert "hx-get" in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting
    step()
    part = staff.get(place, **HTMX).content.decode()
    assert "all 2 products are in" in part
    assert "hx-get" not in part
    assert Product.of("kettle").get_product() is not None


def test_a_wrong_file_is_reported_line_by_line(staff: Client) -> None:
    sent = SimpleUploadedFile("goods.csv", (GOOD + "bad id,,,,,,,,,,\n").encode(), "text/csv")
    place = staff.post(f"{BASE}/import/", {"file": sent})["Location"]
    step()
    page = staff.get(place).content.decode()
    assert "nothing was imported, for 1 line is wrong" in page
    assert "cannot be a product id" in page
    assert Product.of("kettle").get_product() is None


def test_an_import_needs_a_file_and_an_unknown_one_is_not_there(staff: Client) -> None:
    assert staff.post(f"{BASE}/import/", {}).status_code == 422
    assert staff.get(f"{BASE}/import/nothing/").status_code == 404
    assert staff.get(f"{BASE}/nothing/change/").status_code == 404


def test_the_export_is_a_file(staff: Client) -> None:
    sell("kettle", "80.00")
    answer = staff.get(f"{BASE}/export/")
    assert "products.csv" in answer["Content-Disposition"]
    assert "kettle,Kettle,Aurora,,,list,80.00,USD,global,," in b"".join(answer).decode()


@pytest.mark.parametrize(
    "path", ["", "add/", "export/", "import/", "import/x/", "kettle/change/", "kettle/act/"]
)
def test_it_is_for_staff_alone(path: str) -> None:
    sell("kettle", "80.00")
    client = Client()
    client.force_login(User.objects.create_user("alice"))
    for asker in (Client(), client):
        assert asker.get(f"{BASE}/{path}").status_code == 302
        assert asker.post(f"{BASE}/{path}", form()).status_code == 302
    price = Pricing.of("kettle").get_pricing()
    assert price is not None
    assert price.list_prices == [PriceItem(price=Decimal("80.00"), currency="USD")]


def test_the_admin_leads_there(staff: Client) -> None:
    assert f'href="{BASE}/"' in staff.get("/admin/").content.decode()
