"""Status: whether the counts of every hop agree, for people and for whoever watches."""

from fastapi import APIRouter, Response

from gateway.domain.counts import Hop
from gateway.web import auth, shapes, shown
from gateway.web.house import Here

router = APIRouter(tags=["health"])


@router.get("/api/v1/status", response_model=shapes.StatusView)
@router.get("/status", response_model=shapes.StatusView, include_in_schema=False)
async def see_status(house: Here, _: auth.Seer) -> Response:
    """What was heard, journalled, owed and settled, and whether that adds up at every hop."""
    found = await house.reckoning()
    view = shapes.StatusView(
        gateway=house.desk.teller.gateway,
        agree=not any(found.mismatch(hop) for hop in Hop),
        findings=found.findings(),
        heard={
            lane: shapes.HeardView(
                heard=one.heard,
                under_way=one.under_way,
                **{name: one.results.get(result, 0) for name, result in _RESULTS.items()},
                difference=one.difference,
            )
            for lane, one in found.heard.items()
        },
        journal=found.chains,
        owed=[
            shapes.OwedView(
                **{name: getattr(one, name) for name in _OWED}, difference=one.difference
            )
            for one in found.owed
        ],
        public_key=house.public_key,
    )
    return shown.answer(view)


_RESULTS = {
    "journalled": "journalled",
    "repeats": "repeat",
    "folded": "folded",
    "quarantined": "quarantined",
    "check_ins": "check_in",
    "let_go": "let_go",
}
_OWED = ("gateway", "receiver", "owed", "settled", "waiting", "dead", "dropped")
