"""A small world: one of each thing that belongs to alice, made through the API."""

from typing import Any

from tests.callers import Api

ADDRESS = {
    "street": "1 Mill Lane",
    "city": "Harbourton",
    "state_or_region": "Coast",
    "country": "Freedonia",
    "postal_code": "12345",
}


def small_world(alice: Api, root: Api, *, audience: str = "public") -> dict[str, str]:
    """Their ids, by the names that paths have for them; bob takes part in alice's chat."""

    def made(answer: Any, name: str) -> str:
        assert answer.status_code in (200, 201), answer.content
        return str(answer.json()[name])

    written = {"content": "Hello", "audience": audience}
    post = made(alice.post("/social-net/users/alice/posts", written), "post_id")
    comments = f"/social-net/posts/{post}/comments"
    comment = made(alice.post(comments, {"content": "Hello again"}), "comment_id")
    chat = made(alice.post("/social-net/users/alice/chats", {"participants": ["bob"]}), "chat_id")
    messages = f"/social-net/chats/{chat}/messages"
    message = made(alice.post(messages, {"content": "Hello you"}), "message_id")
    root.put("/shopping/products/lamp", {"name": "Lamp", "brand": "Aurora"})
    price = {"price": "9.50", "currency": "USD", "zone": "global"}
    prices = {"msrp_prices": [], "list_prices": [price], "sale_prices": []}
    root.put("/shopping/pricing/lamp", prices)
    cart = "/shopping/carts/alice"
    alice.put(f"{cart}/email", {"email": "alice@example.com"})
    alice.put(f"{cart}/billing-address", ADDRESS)
    alice.put(f"{cart}/items/lamp", {"quantity": 2})
    order = made(alice.post(f"{cart}/checkout"), "order_id")
    alice.put(f"{cart}/items/lamp", {"quantity": 1})
    return {
        "user_id": "alice",
        "other_id": "bob",
        "post_id": post,
        "comment_id": comment,
        "chat_id": chat,
        "message_id": message,
        "product_id": "lamp",
        "order_id": order,
    }
