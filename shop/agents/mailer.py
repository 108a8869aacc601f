"""E-mails about orders."""

from __future__ import annotations

from smtplib import SMTPResponseException

from django.core.mail import EmailMessage, get_connection

from agents_core import EffectPolicy, EphemeralAgent, effect
from shop.agents.errors import LetterInDoubt
from shop.agents.letter import Letter
from shop.agents.schemas import OrderStatus, OrderView
from shop.order_mail import compose

# Mail servers are away for minutes and hours, not for milliseconds; after about a day it is given
# up, and stays in the table of effects for an operator.
_PATIENCE = EffectPolicy(attempts=30, delay=15, cap=3600)


class Mailer(EphemeralAgent):
    """Writes to customers. Takes no parameters."""

    @effect(retry=_PATIENCE)
    def tell(self, order_status: OrderStatus, order: OrderView) -> None:
        """Tell a customer by e-mail how their order is. However often it is tried, at most one.

        Where a try died, or lost the mail server, after it had begun to hand over the letter,
        nobody knows whether it went: that is refused as `letter_in_doubt`.
        """
        letter = Letter.of(self.idempotency_key)
        if letter.is_sent() or order.email is None:
            return
        with get_connection() as server:  # an error in here comes before the letter was begun
            message = compose(order_status, order, self.idempotency_key, server)
            if not letter.begin():
                raise LetterInDoubt(order_id=order.order_id, email=order.email)
            _hand_over(message, letter)
            letter.arrive()


def _hand_over(message: EmailMessage, letter: Letter) -> None:
    try:
        message.send()
    except SMTPResponseException:  # an answer: it does not have the letter
        letter.take_back()
        raise
