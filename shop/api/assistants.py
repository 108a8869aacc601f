"""Shopping assistants: each for its user and staff."""

from http import HTTPStatus

from ninja import Router, Schema, Status

from accounts.http import CallerRequest
from shop.access import get_assistant_for
from shop.agents.recommendations import RecommendedItems
from shop.api.params import AssistantUserId, ProductId

router = Router(tags=["assistants"])


class LlmIn(Schema):
    """Whether a language model may be told what was bought."""

    may_ask_llm: bool


@router.get("/assistants/{user_id}/recommended-items", response=RecommendedItems)
def get_recommended_items(request: CallerRequest, user_id: AssistantUserId) -> RecommendedItems:
    """4 products and 3 brands; none before they were made for the first time, with `updated_at`
    null."""
    assistant = get_assistant_for(request.caller, user_id)
    return assistant.get_recommended_items() or RecommendedItems()


@router.post("/assistants/{user_id}/recommend", response={202: None})
def recommend(request: CallerRequest, user_id: AssistantUserId) -> Status[None]:
    """Have them made again in the background; as often as staff likes, and a few times an hour for
    others."""
    assistant = get_assistant_for(request.caller, user_id)
    if request.caller.is_staff:
        assistant.recommend_items()
    else:
        assistant.refresh()
    return Status(HTTPStatus.ACCEPTED, None)


@router.put("/assistants/{user_id}/not-interested/{product_id}", response=RecommendedItems)
def set_not_interested(
    request: CallerRequest, user_id: AssistantUserId, product_id: ProductId
) -> RecommendedItems:
    """Never recommend that product."""
    assistant = get_assistant_for(request.caller, user_id)
    assistant.set_not_interested(product_id)
    return assistant.get_recommended_items() or RecommendedItems()


@router.delete("/assistants/{user_id}/not-interested/{product_id}", response=RecommendedItems)
def set_interested(
    request: CallerRequest, user_id: AssistantUserId, product_id: ProductId
) -> RecommendedItems:
    """Take that back."""
    assistant = get_assistant_for(request.caller, user_id)
    assistant.set_interested(product_id)
    return assistant.get_recommended_items() or RecommendedItems()


@router.put("/assistants/{user_id}/llm", response=LlmIn)
def set_llm(request: CallerRequest, user_id: AssistantUserId, body: LlmIn) -> LlmIn:
    """Let a language model be told what was bought, where this shop uses one, or not."""
    get_assistant_for(request.caller, user_id).set_may_ask_llm(body.may_ask_llm)
    return body
