"""JD's lists: what may be produced, by change or by creation, and apart from it what is not paid yet (sheet 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ingest.beijing import beijing_text
from ingest.fields import record_of
from ingest.http import total_of, transient
from ingest.jd.gateway import Gateway
from ingest.jd.parse import EFFECTS
from ingest.source import Record

SEARCH: Final = "jingdong.pop.order.enSearch"
_UNPAID: Final = "jingdong.pop.order.notPayOrderInfo"
# All of them: a state left out would make its orders drop from the list while it is read.
STATES: Final = ",".join(EFFECTS)
FIELDS: Final = (
    "orderId,orderType,orderState,orderStateRemark,venderId,parentOrderId,directParentOrderId,orderTotalPrice,"
    "orderSellerPrice,orderPayment,freightPrice,sellerDiscount,balanceUsed,payType,orderStartTime,paymentConfirmTime,"
    "modified,orderEndTime,deliveryType,orderRemark,venderRemark,waybill,logisticsId,storeOrder,returnOrder,"
    "open_id_buyer,sendpayMap,pauseBizInfo,consigneeInfo,itemInfoList,couponDetailList"
)
BY_CHANGE, BY_CREATION = "0", "1"  # dateType


@dataclass(slots=True)
class Search:
    """Implements ingest.paging.Pages."""

    gateway: Gateway
    date_type: str
    page_size: int = 100
    most_rows: int = 10_000

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        result = self._ask(start, end, 1)
        return total_of(result.get("orderTotal")), _records(result.get("orderInfoList"))

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        result = self._ask(start, end, number)
        total_of(result.get("orderTotal"))  # a page without it states nothing
        return _records(result.get("orderInfoList"))

    def params(self, start: datetime, end: datetime, *, number: int, size: int) -> dict[str, str]:
        return {
            "start_date": beijing_text(start),
            "end_date": beijing_text(end),
            "order_state": STATES,
            "optional_fields": FIELDS,
            "page": str(number),
            "page_size": str(size),
            "sortType": "0",
            "dateType": self.date_type,
        }

    def _ask(self, start: datetime, end: datetime, number: int) -> Mapping[str, Any]:
        params = self.params(start, end, number=number, size=self.page_size)
        return self.gateway.result(SEARCH, params, "searchorderinfo_result")


@dataclass(slots=True)
class Unpaid:
    """Implements ingest.paging.Pages, by creation. Its rows have a shape of their own, and its reply no apiResult."""

    gateway: Gateway
    page_size: int = 100
    most_rows: int = 10_000

    def count(self, start: datetime, end: datetime) -> tuple[int, list[Record]]:
        reply = self._ask(start, end, 1)
        return total_of(reply.get("totalItem")), _records(reply.get("pageList"))

    def page(self, start: datetime, end: datetime, number: int) -> list[Record]:
        reply = self._ask(start, end, number)
        total_of(reply.get("totalItem"))
        return _records(reply.get("pageList"))

    def _ask(self, start: datetime, end: datetime, number: int) -> Mapping[str, Any]:
        params = {
            "startDate": beijing_text(start),
            "endDate": beijing_text(end),
            "page": str(number),
            "pageSize": str(self.page_size),
        }
        reply = self.gateway.root(_UNPAID, params).get("paginatedInfo")
        if not isinstance(reply, dict):
            raise transient("no-result")
        return reply


def _records(found: Any) -> list[Record]:
    return [record_of(row, "orderId") for row in (found if isinstance(found, list) else [found] if found else [])]
