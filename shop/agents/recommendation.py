"""Makes recommendations."""

from __future__ import annotations

from agents_core import EffectPolicy, EphemeralAgent, effect
from shop import candidates, llm, recommend
from shop.agents.recommendations import Recommendation, Wish


class RecommendationEngine(EphemeralAgent):
    """Makes recommendations for nobody in particular. Takes no parameters."""

    @effect(retry=EffectPolicy(attempts=2, delay=1))
    def recommend(self, wish: Wish) -> Recommendation:
        """What a language model picks of our candidates, completed by our own picks.

        Without a language model only those. Where it fails twice, this does.
        """
        evidence = candidates.gather(wish)
        ours = recommend.pick(evidence)
        if not (llm.is_set_up() and wish.may_ask_llm and evidence.products):
            return ours
        shortlist = recommend.pick(evidence, llm.CANDIDATES).products
        return recommend.completed(llm.choose(evidence, shortlist), evidence, ours)

    @effect()
    def recommend_without_llm(self, wish: Wish) -> Recommendation:
        """What we recommend ourselves."""
        return recommend.pick(candidates.gather(wish))
