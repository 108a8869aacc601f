"""The shop's own recommender: what it picks, in which order, and the reasons it gives."""

from __future__ import annotations

from datetime import UTC, datetime

from shop.agents.recommendations import Bought, BrandPick, ProductPick, Reason, Recommendation
from shop.agents.schemas import ProductView
from shop.recommend import Choice, ChosenProduct, Evidence, completed, joined, pick

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def product(product_id: str, brand: str = "Plain", *tags: str) -> ProductView:
    return ProductView(
        product_id=product_id,
        name=product_id.title(),
        brand=brand,
        description="",
        tags=list(tags),
        created_at=THEN,
        updated_at=THEN,
    )


def bought(product_id: str, brand: str = "Other") -> Bought:
    return Bought(product_id=product_id, name=product_id.title(), brand=brand, quantity=1)


def ids(picks: Recommendation) -> list[str]:
    return [pick.product_id for pick in picks.products]


def reason(picks: Recommendation) -> str:
    """That of the best."""
    return picks.products[0].reason.text


def test_what_is_often_bought_together_comes_first() -> None:
    evidence = Evidence(
        [product("rug"), product("bulb"), product("desk")],
        [bought("lamp")],
        together={"lamp": {"bulb": 9.0, "desk": 2.0}},
    )
    assert ids(pick(evidence)) == ["bulb", "desk", "rug"]
    assert reason(pick(evidence)) == "Often bought together with Lamp"


def test_a_brand_that_was_bought_speaks_for_a_product() -> None:
    evidence = Evidence([product("rug"), product("bulb", "Aurora")], [bought("lamp", "Aurora")])
    assert ids(pick(evidence)) == ["bulb", "rug"]
    assert reason(pick(evidence)) == "You have bought from Aurora"


def test_tags_like_those_of_what_was_bought_do_too() -> None:
    evidence = Evidence(
        [product("rug", "Plain", "floor"), product("bulb", "Plain", "light")],
        [bought("lamp")],
        tags={"lamp": {"light", "desk"}},
    )
    assert ids(pick(evidence)) == ["bulb", "rug"]
    assert reason(pick(evidence)) == "Like other things you bought: light"


def test_somebody_of_whom_nothing_is_known_gets_what_is_popular() -> None:
    evidence = Evidence([product("rug"), product("bulb")], popular={"bulb": 3.0, "gone": 9.0})
    assert ids(pick(evidence)) == ["bulb", "rug"]
    assert reason(pick(evidence)) == "Popular with other shoppers"
    assert pick(evidence).products[1].reason.text == "From our catalogue"


def test_what_was_bought_last_says_the_most() -> None:
    evidence = Evidence(
        [product("ink"), product("bulb")],
        [bought("lamp"), bought("pen")],
        together={"lamp": {"bulb": 5.0}, "pen": {"ink": 5.0}},
    )
    assert ids(pick(evidence)) == ["bulb", "ink"]


def test_one_purchase_together_is_no_proof() -> None:
    evidence = Evidence(
        [product("ink"), product("bulb")],
        [bought("lamp"), bought("pen")],
        together={"lamp": {"bulb": 1.0}, "pen": {"ink": 30.0}},
    )
    assert ids(pick(evidence)) == ["ink", "bulb"]


def test_brands_take_turns() -> None:
    plain = [product(f"plain-{number}") for number in range(4)]
    popular = {one.product_id: 9.0 for one in plain} | {"rug": 6.0}
    picked = ids(pick(Evidence([*plain, product("rug", "Woven")], popular=popular)))
    assert picked.index("rug") == 1
    assert len(picked) == 5


def test_brands_are_those_of_the_best_products() -> None:
    evidence = Evidence(
        [product("rug", "Woven"), product("bulb", "Aurora"), product("pen", "Inky")],
        [bought("lamp", "Aurora")],
        together={"lamp": {"rug": 9.0}},
        other_brands=["Aurora", "Borea"],
    )
    brands = pick(evidence).brands
    assert [(one.brand, one.reason.text) for one in brands] == [
        ("Woven", "Often bought together with Lamp"),
        ("Aurora", "You have bought from Aurora"),
        ("Inky", "From our catalogue"),
        ("Borea", "From our catalogue"),
    ]


def test_nothing_comes_of_nothing() -> None:
    assert pick(Evidence([])) == Recommendation()


EVIDENCE = Evidence(
    [product("rug", "Woven"), product("bulb", "Aurora"), product("pen", "Inky")],
    [bought("lamp", "Aurora")],
)
OURS = pick(EVIDENCE)


def test_what_a_model_chose_comes_before_our_own() -> None:
    choice = Choice(
        products=[
            ChosenProduct(product_id="pen", goes_with="lamp"),
            ChosenProduct(product_id="rug"),
        ],
        brands=["Woven"],
    )
    made = completed(choice, EVIDENCE, OURS)
    assert ids(made) == ["pen", "rug", "bulb"]
    assert [one.reason.text for one in made.products] == [
        "Chosen to go with Lamp",
        "From our catalogue",
        "You have bought from Aurora",
    ]
    assert [one.brand for one in made.brands] == ["Woven", "Aurora", "Inky"]


def test_what_is_not_among_the_candidates_is_dropped_and_the_gap_filled() -> None:
    choice = Choice(
        products=[
            ChosenProduct(product_id="lamp"),
            ChosenProduct(product_id="flying-carpet", goes_with="lamp"),
            ChosenProduct(product_id="rug", goes_with="your mother"),
            ChosenProduct(product_id="rug"),
        ],
        brands=["Acme", "Woven", "Woven"],
    )
    made = completed(choice, EVIDENCE, OURS)
    assert ids(made)[0] == "rug"
    assert sorted(ids(made)) == ["bulb", "pen", "rug"]
    assert made.products[0].reason.text == "From our catalogue"
    assert [one.brand for one in made.brands] == ["Woven", "Aurora", "Inky"]


def test_joining_keeps_what_is_first_and_leaves_out_what_is_named() -> None:
    def made(*product_ids: str, kind: str) -> Recommendation:
        reason = Reason.model_validate({"kind": kind})
        picks = [ProductPick(product_id=id_, reason=reason) for id_ in product_ids]
        return Recommendation(products=picks, brands=[BrandPick(brand=kind, reason=reason)])

    both = joined(made("a", "b", kind="popular"), made("b", "c", kind="catalogue"), {"a"})
    assert [(one.product_id, one.reason.kind) for one in both.products] == [
        ("b", "popular"),
        ("c", "catalogue"),
    ]
    assert [one.brand for one in both.brands] == ["popular", "catalogue"]
