"""What the rest of the house may want to hear about accounts. This app imports none of it."""

from django.dispatch import Signal

# Sent with `user` inside the transaction that inserts the account: if a receiver raises, there is
# no account either. A crash before the commit leaves the receiver's work without an account, and
# signing up again sends the signal again; so receivers must bear being called twice.
account_created = Signal()
