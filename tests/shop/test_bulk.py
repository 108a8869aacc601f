"""CSV of products and prices: what is read, what is refused and where, there and back."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agents_core.files import upload
from agents_core.testing import step
from shop import bulk
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.product_import import FILE, TOGETHER, ImportState, ProductImport
from shop.agents.schemas import PriceItem, ProductDetails
from shop.demo import stock
from shop.export import export_lines

GOOD = """\
product_id,name,brand,description,tags,kind,price,currency,zone,start,end
kettle,Tin kettle,Aurora,"It hums,
softly.",kitchen|tin,msrp,50,USD,,,
kettle,,,,,list,40.00,USD,global,,
kettle,,,,,sale,30,USD,,2026-01-01T00:00:00Z,
kettle,,,,,sale,29,USD,,,2026-01-01
mug,Blue mug,Aurora,,,,,,,,
"""
HEADER = GOOD.splitlines()[0]


def run(text: str | bytes, import_id: str = "one") -> ImportState:
    """Import a file to the end."""
    data = text if isinstance(text, bytes) else text.encode()
    agent = ProductImport.of(import_id)
    agent.begin(upload(agent, FILE, data, "text/csv"), "goods.csv")
    step()
    return agent.get_progress()


def test_a_file_becomes_products_and_prices() -> None:
    parsed = bulk.read(GOOD)
    assert parsed.errors == []
    kettle, mug = parsed.products
    assert kettle.details == ProductDetails(
        name="Tin kettle", brand="Aurora", description="It hums,\nsoftly.", tags=["kitchen", "tin"]
    )
    assert kettle.prices is not None
    assert [item.price for item in kettle.prices.msrp_prices] == [Decimal("50.00")]
    assert len(kettle.prices.sale_prices) == 2
    assert mug.prices is None


def test_semicolons_marks_and_columns_in_another_order_are_taken() -> None:
    text = "\ufeffBrand; name;product_id\r\nAurora;Tin kettle;kettle\r\n\r\n"
    assert [one.product_id for one in bulk.read(text).products] == ["kettle"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ket tle,Kettle,Aurora,,,,,,,,", "cannot be a product id"),
        ("kettle,,Aurora,,,,,,,,", "name"),
        ("kettle,Kettle,Aurora,,,retail,1,USD,,,", "no kind of price"),
        ("kettle,Kettle,Aurora,,,list,dear,USD,,,", "no amount"),
        ("kettle,Kettle,Aurora,,,list,,USD,,,", "no amount"),
        ("kettle,Kettle,Aurora,,,list,-1,USD,,,", "price is not right"),
        ("kettle,Kettle,Aurora,,,list,1.005,USD,,,", "2 decimal places"),
        ("kettle,Kettle,Aurora,,,list,1,ZZZ,,,", "not a currency"),
        ("kettle,Kettle,Aurora,,,list,1,USD,on the moon,,", "zone is not right"),
        ("kettle,Kettle,Aurora,,,list,1,USD,,2026-01-01,", "Only a sale"),
        ("kettle,Kettle,Aurora,,,sale,1,USD,,soon,", "no start"),
        ("kettle,Kettle,Aurora,,,sale,1,USD,,2026-02-01,2026-01-01", "start before it ends"),
        ("kettle,Kettle,Aurora,,,,1,USD,,,", "no kind"),
        ("kettle,Kettle,Aurora,,,,,,,,,,", "cells"),
        (f"kettle,{'x' * 201},Aurora,,,,,,,,", "name"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line: str, says: str) -> None:
    parsed = bulk.read(f"{HEADER}\nmug,Mug,Aurora,,,,,,,,\n{line}\n")
    assert parsed.products == []
    assert [error.line for error in parsed.errors] == [3]
    assert says in parsed.errors[0].message


def test_lines_that_contradict_each_other_are_named() -> None:
    text = (
        f"{HEADER}\nkettle,Kettle,Aurora,,,list,1,USD,,,\n"
        "kettle,Pot,Aurora,,,,,,,,\nkettle,,,,,list,2,USD,global,,\n"
    )
    first, second = bulk.read(text).errors
    assert (first.line, second.line) == (3, 4)
    assert "otherwise than line 2" in first.message
    assert "already has" in second.message


def test_a_cell_over_several_lines_does_not_shift_the_numbers() -> None:
    parsed = bulk.read(GOOD + "bad id,,,,,,,,,,\n")
    assert [error.line for error in parsed.errors] == [8]


@pytest.mark.parametrize("text", ["", "name,brand\n", "product_id,name,brand,colour\n", "a,a\n"])
def test_a_file_without_its_columns_is_refused(text: str) -> None:
    assert [error.line for error in bulk.read(text).errors] == [1]


def test_an_import_brings_everything_and_again_changes_nothing() -> None:
    told = run(GOOD)
    assert (told.status, told.done, told.products, told.lines) == ("done", 2, 2, 5)
    kettle = Product.of("kettle").get_product()
    pricing = Pricing.of("kettle").get_pricing()
    assert kettle is not None
    assert pricing is not None
    assert run(GOOD, "two").status == "done"
    assert Product.of("kettle").get_product() == kettle
    assert Pricing.of("kettle").get_pricing() == pricing


def test_with_anything_wrong_an_import_changes_nothing() -> None:
    told = run(GOOD + "bad id,,,,,,,,,,\n")
    assert (told.status, told.error_count, told.done) == ("refused", 1, 0)
    assert Product.of("kettle").get_product() is None
    assert Pricing.of("kettle").get_pricing() is None


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00product_id", b"product_id,name,brand\n"])
def test_a_file_with_nothing_in_it_is_refused(data: bytes) -> None:
    assert run(data).status == "refused"


def test_a_product_without_prices_in_the_file_keeps_those_it_has() -> None:
    old = Pricing.of("mug").put([], [PriceItem(price=Decimal(5), currency="USD")], [])
    run(GOOD)
    assert Pricing.of("mug").get_pricing() == old


def test_many_products_come_part_by_part() -> None:
    many = TOGETHER * 2 + 3
    lines = [f"p{number},Thing {number},Aurora,,,,,,,," for number in range(many)]
    told = run("\n".join([HEADER, *lines]))
    assert (told.status, told.done) == ("done", many)
    assert Product.of(f"p{many - 1}").get_product() is not None


def test_what_is_exported_can_be_imported() -> None:
    stock()
    odd = ["a|b", "a\\", "\\|", "|", "c\\|d, e"]
    Product.of("bare").put(
        ProductDetails(
            name='A "quoted", bare; thing', brand="=1+1", tags=odd, description="One\n\ntwo"
        )
    )
    text = "".join(export_lines())
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len({row["product_id"] for row in rows}) == 61
    before = {row["product_id"]: Pricing.of(row["product_id"]).get_pricing() for row in rows}
    assert run(text).status == "done"
    assert "".join(export_lines()) == text
    parsed = {one.product_id: one.details for one in bulk.read(text).products}
    assert parsed["bare"].tags == odd
    assert all(Pricing.of(id_).get_pricing() == pricing for id_, pricing in before.items())


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("a|b", ["a", "b"]),
        (r" a \| b ||", ["a | b"]),
        (r"a\b|\\", [r"a\b", "\\"]),
        ("a\\", ["a\\"]),
    ],
)
def test_a_line_between_tags_is_written_with_a_backslash_in_one(text: str, tags: list[str]) -> None:
    (product,) = bulk.read(f"product_id,name,brand,tags\nx,X,Y,{text}\n").products
    assert product.details.tags == tags


def test_the_command_imports_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "goods.csv").write_text(GOOD)
    call_command("import_products", tmp_path / "goods.csv")
    assert "2 products" in capsys.readouterr().out
    assert Product.of("mug").get_product() is not None
    assert step() == 0


def test_the_command_names_every_line_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text(GOOD + "bad id,,,,,,,,,,\nmug,,,,,list,x,USD,,,\n")
    with pytest.raises(CommandError) as refusal:
        call_command("import_products", tmp_path / "goods.csv")
    assert "Line 8:" in str(refusal.value)
    assert "Line 9:" in str(refusal.value)
    assert Product.of("kettle").get_product() is None


def test_the_command_says_when_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.csv"):
        call_command("import_products", tmp_path / "nothing.csv")
