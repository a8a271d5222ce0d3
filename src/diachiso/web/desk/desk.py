"""All pages of the desk."""

from fastapi import APIRouter

from diachiso.web.desk import addresses, delegations, home, lists

router = APIRouter()
for part in (home, delegations, lists, addresses):
    router.include_router(part.router)
