"""The signatures of JD and Pinduoduo; Taobao's own are in taobao/test_signing.py. Vectors: reference sheet 2."""

from __future__ import annotations

import pytest

from ingest.signing import joined, wrapped_md5

JD = {"access_token": "yourtoken", "app_key": "yourappkey", "v": "2.0"}
JD_2026 = {**JD, "timestamp": "2026-03-01 10:30:00.000+0800"}
PDD = {"access_token": "asd78172s8ds9a921j9qqwda12312w1w21211", "client_id": "1"}
PDD_2026 = {**PDD, "data_type": "JSON", "timestamp": "1772332200"}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (
            {
                **JD,
                "360buy_param_json": '{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT",'
                '"page":"1","page_size":"200","start_date":null}',
                "method": "jingdong.pop.order.search",
                "timestamp": "2021-05-07 09:20:39.683+0800",
            },
            "D70825340F4084360B9362B60DFD7930",
        ),
        (
            {
                **JD_2026,
                "method": "jingdong.pop.order.enSearch",
                "360buy_param_json": '{"dateType":"0","end_date":"2026-03-01 10:30:00",'
                '"optional_fields":"orderId,orderState,modified,venderRemark","order_state":"WAIT_SELLER_STOCK_OUT",'
                '"page":"1","page_size":"50","sortType":"0","start_date":"2026-03-01 10:00:00"}',
            },
            "FB4A974C4AD931C3FF9717754ABE0D63",
        ),
        (
            {
                **JD_2026,
                "method": "jingdong.pop.order.modifyVenderRemark",
                "360buy_param_json": '{"order_id":"300000000001","flag":"3","remark":"已催付，改发顺丰"}',
            },
            "80AC3289D31EFAF759FE4DCE6FAFDB8E",
        ),
    ],
    ids=["J1", "J2", "J3"],
)
def test_jds_published_vectors(params: dict[str, str], expected: str) -> None:
    assert wrapped_md5(params, "yourappSecret") == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (
            {
                **PDD,
                "data_type": "XML",
                "order_status": "1",
                "page": "1",
                "page_size": "10",
                "timestamp": "1480411125",
                "type": "pdd.order.number.list.get",
            },
            "E4DE3ED21002510DED352819E7AE6775",
        ),
        (
            {
                **PDD_2026,
                "type": "pdd.order.number.list.increment.get",
                "version": "V1",
                "start_updated_at": "1772330220",
                "end_updated_at": "1772332020",
                "is_lucky_flag": "0",
                "order_status": "5",
                "refund_status": "5",
                "page": "1",
                "page_size": "100",
                "use_has_next": "false",
            },
            "92C2F12AEBE19C9198517E9DB74CCF8E",
        ),
        (
            {
                **PDD_2026,
                "type": "pdd.order.note.update",
                "order_sn": "260301-000000000000001",
                "note": "已催付，改发顺丰",
                "tag": "3",
                "tag_name": "绿色",
            },
            "095046531D3CF7180CB17E78D47E098B",
        ),
        (
            {
                **PDD_2026,
                "type": "pdd.open.decrypt.mask.batch",
                "data_list": '[{"data_tag":"260301-000000000000001","encrypted_data":"~AgAAAA=="}]',
            },
            "F1408DCB4B147771D58D23BF4801C3B6",
        ),
    ],
    ids=["P1", "P2", "P3", "P4"],
)
def test_pinduoduos_published_vectors(params: dict[str, str], expected: str) -> None:
    assert wrapped_md5(params, "testSecret") == expected


def test_names_are_in_code_point_order() -> None:
    assert joined({"b": "2", "_": "3", "360": "1", "B": "4"}) == "3601B4_3b2"
