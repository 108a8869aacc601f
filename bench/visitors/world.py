"""Makes the first town and the first shelf through the API, as people and staff would."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts import tokens
from accounts.models import ApiToken, User
from bench.database import connect
from bench.visitors import plan
from bench.visitors.door import Door
from config.polling import until

SECRET = "visitors"
STAFF = "bench-staff"
BATCH = 5_000
PATIENCE = 900.0
QUIET_LOOKS = 6
"""So many looks in a row must find no mail: some of it is sent seconds later, all at once."""


def staff_door(port: int) -> Door:
    """A door that is open for everything, as it is for imports."""
    if not User.objects.filter(username=STAFF).exists():
        # in bulk: no agent is made of it, which would be copied with the first town
        User.objects.bulk_create([User(username=STAFF, password="!", is_staff=True)])
    account = User.objects.get(username=STAFF)
    return Door(port, tokens.create(account, "bench")[1])


def open_accounts(towns: Iterable[int]) -> None:
    """Accounts and tokens of whole towns: rows that sign-up makes one by one."""
    names = [plan.user_id(person, town) for town in towns for person in range(plan.PEOPLE)]
    for start in range(0, len(names), BATCH):
        some = names[start : start + BATCH]
        accounts = User.objects.bulk_create([User(username=name, password="!") for name in some])
        ApiToken.objects.bulk_create([_token_of(account) for account in accounts])


def _token_of(account: User) -> ApiToken:
    text = plan.token(account.username, SECRET)
    return ApiToken(
        user=account,
        name="bench",
        prefix=text[: tokens.SHOWN],
        digest=hashlib.sha256(text.encode()).digest(),
    )


def found_town(door: Door) -> None:
    """The first town: people, friendships, followings, posts and chats."""
    town = plan.draw()
    base = "/social-net"
    users = f"{base}/users"
    for person in range(plan.PEOPLE):
        door.ask("PUT", f"{users}/{plan.user_id(person)}/name", {"name": plan.full_name(person)})
    for pairs, kind in ((town.friendships, "friend"), (town.followings, "following")):
        for one, other in pairs:
            path = f"{users}/{plan.user_id(one)}/connections/{plan.user_id(other)}/{kind}"
            door.ask("PUT", path)
    wait_for_quiet()  # or the first posts would find their readers missing
    for author, content in town.posts:
        door.ask("POST", f"{users}/{plan.user_id(author)}/posts", {"content": content})
    lot = random.Random("what they talk about")
    for people in town.chats:
        ids = [plan.user_id(person) for person in people]
        made = door.ask("POST", f"{users}/{ids[0]}/chats", {"participants": ids[1:]})
        for _ in range(plan.MESSAGES):
            body = {"content": plan.text(lot, 12), "user_id": lot.choice(ids)}
            door.ask("POST", f"{base}/chats/{made['chat_id']}/messages", body)
    wait_for_quiet()


def fill_shelf(door: Door) -> None:
    """The first fifty products and their prices, a third of them on sale."""
    lot = random.Random("what they sell")
    for number in range(plan.PRODUCTS):
        product = plan.product_id(number)
        thing, brand = plan.THINGS[number % len(plan.THINGS)], lot.choice(plan.BRANDS)
        details = {
            "name": f"{brand} {thing} {number}",
            "brand": brand,
            "description": plan.text(lot, 40),
            "tags": lot.sample(plan.TAGS, 3),
        }
        door.ask("PUT", f"/shopping/products/{product}", details)
        door.ask("PUT", f"/shopping/pricing/{product}", _prices(lot, on_sale=number % 3 == 0))
    wait_for_quiet()


def _prices(lot: random.Random, *, on_sale: bool) -> dict[str, Any]:
    cents = lot.randint(500, 90_000)

    def items(share: float) -> list[dict[str, Any]]:
        return [
            {"price": f"{cents * share / 100:.2f}", "currency": currency, "zone": "global"}
            for currency in ("USD", "EUR")
        ]

    now = datetime.now(UTC)
    period = {"start": now.isoformat(), "end": (now + timedelta(days=30)).isoformat()}
    sales = [{**item, **period} for item in items(0.75)] if on_sale else []
    return {"msrp_prices": items(1.2), "list_prices": items(1), "sale_prices": sales}


def wait_for_quiet() -> None:
    """Until nothing waits in any mailbox, and nothing more is coming soon."""
    looks: deque[bool] = deque(maxlen=QUIET_LOOKS)
    with connect() as connection:

        def is_quiet() -> bool:
            row = connection.execute(
                "SELECT NOT EXISTS (SELECT FROM agents_core_message) AND NOT EXISTS (SELECT FROM "
                "agents_core_schedule WHERE due_at < now() + interval '1 minute')"
            ).fetchone()
            looks.append(row == (True,))
            return sum(looks) == QUIET_LOOKS

        if not until(is_quiet, patience=PATIENCE, every=0.25):
            raise RuntimeError(f"There is still mail after {PATIENCE:.0f} s.")


def answers_of(door: Door, town: int) -> list[str]:
    """What the API says of some people of a town, but for what tells towns apart."""
    return [
        _told(door.ask("GET", f"/social-net/users/{plan.user_id(person, town)}{path}"), town)
        for person in range(0, plan.PEOPLE, 10)
        for path in ("", "/timeline/posts", "/chats", "/chats/search?query=*", "/posts")
    ]


def _told(answer: Any, town: int) -> str:
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", json.dumps(answer))
    return text.replace(plan.mark(town), "").replace(plan.name_mark(town), "")
