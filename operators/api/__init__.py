"""Agents for operators over HTTP: one router per thing, joined here; for staff alone."""

from ninja import Router

from operators.api import agents, calls, dead_letters, history, life, mail, oplog
from operators.api.door import STAFF

router = Router(auth=STAFF)
router.add_router("/dead-letters", dead_letters.router)
router.add_router("", calls.router)
router.add_router("", history.router)
router.add_router("", life.router)
router.add_router("", mail.router)
router.add_router("", oplog.router)
# last: the address of an agent itself takes whatever the others have left
router.add_router("", agents.router)

__all__ = ["router"]
