"""All pages of the desk."""

from fastapi import APIRouter

from diachiso.web.desk import addresses, home, lists

router = APIRouter()
for part in (home, lists, addresses):
    router.include_router(part.router)
