from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from texts.goods import Wanted
from texts.order import (
    MOST_FEN,
    OrderText,
    begins_with_label,
    fen_of,
    is_order,
    mends,
    phone_in,
    read,
    with_address,
)

MUG = Wanted("红色马克杯", 2)


def test_one_line_as_people_forward_it() -> None:
    assert read("王小明 13800001234 浙江省杭州市西湖区文三路 1 号 红色马克杯 ×2") == OrderText(
        name="王小明", phone="13800001234", province="浙江省", city="杭州市", district="西湖区", address="文三路 1 号",
        goods=(MUG,),
    )  # fmt: skip


def test_a_form_with_labels_and_several_lines_of_goods() -> None:
    text = (
        "收件人：李雷\n手机：18877771111-1234\n地址：广东省深圳市南山区科技园南路 88 号 3 栋 1201\n"
        "商品：QH-CUP-RED 2件\n蓝色马克杯*1\n金额：138 元\n备注：送礼盒"
    )
    assert read(text) == OrderText(
        name="李雷", phone="18877771111-1234", province="广东省", city="深圳市", district="南山区",
        address="科技园南路 88 号 3 栋 1201", goods=(Wanted("QH-CUP-RED", 2), Wanted("蓝色马克杯", 1)), paid_fen=13800,
        remark="送礼盒",
    )  # fmt: skip


def test_labels_on_one_line() -> None:
    found = read(
        "收货人: 张三丰 手机号码: 138 0000 1234 所在地区: 湖北省仙桃市 详细地址: 沔阳大道 12 号 数量：3 商品：红杯"
    )
    assert (found.name, found.phone, found.district, found.address) == (
        "张三丰",
        "13800001234",
        "仙桃市",
        "沔阳大道 12 号",
    )
    assert found.remark == "红杯", "nothing that was said is lost"


def test_a_count_of_its_own_belongs_to_the_only_goods() -> None:
    assert read("商品：QH-CUP-RED\n数量：3").goods == (Wanted("QH-CUP-RED", 3),)


@pytest.mark.parametrize(
    ("text", "address", "goods"),
    [
        (
            "上海市浦东新区世纪大道 100 号环球金融中心 20 楼 2个红杯",
            "世纪大道 100 号环球金融中心 20 楼",
            Wanted("红杯", 2),
        ),
        (
            "北京市朝阳区建国路 88 号 SOHO 现代城 3 号楼 1502 红杯*2",
            "建国路 88 号 SOHO 现代城 3 号楼 1502",
            Wanted("红杯", 2),
        ),
        ("苏州市工业园区星湖街 218 号 A1 楼 红杯 2只", "星湖街 218 号 A1 楼", Wanted("红杯", 2)),
        ("杭州市西湖区文三路1号 2 个红杯", "文三路1号", Wanted("红杯", 2)),
        ("杭州市西湖区文三路1号 138 元 红杯两只", "文三路1号", Wanted("红杯", 2)),
        ("杭州市西湖区文三路1号 床单 1.5 米 ×2", "文三路1号", Wanted("床单 1.5 米", 2)),
    ],
)
def test_an_address_ends_where_the_goods_begin(text: str, address: str, goods: Wanted) -> None:
    found = read(text)
    assert (found.address, found.goods) == (address, (goods,))


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("红色马克杯 ×2", [("红色马克杯", 2)]),
        ("红色马克杯x2，蓝色马克杯 1个", [("红色马克杯", 2), ("蓝色马克杯", 1)]),
        ("要2个红色马克杯，3个餐盘8寸", [("红色马克杯", 2), ("餐盘8寸", 3)]),
        ("马克杯红色*2+餐盘8寸*1", [("马克杯红色", 2), ("餐盘8寸", 1)]),
        ("QH-CUP-RED 2件 QH-BOX-S 1个", [("QH-CUP-RED", 2), ("QH-BOX-S", 1)]),
        ("QH-CUP-RED", [("QH-CUP-RED", 1)]),
        ("毛巾 灰色，10条", [("毛巾 灰色", 10)]),
        ("保温壶1.5L 两个", [("保温壶1.5L", 2)]),
        ("红杯 ×0", []),
        ("帮客户补一个", []),
        ("周五前到", []),
    ],
)
def test_goods_and_how_many(text: str, goods: list[tuple[str, int]]) -> None:
    assert [(one.words, one.quantity) for one in read(text).goods] == goods


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("138 0000 1234", "13800001234"),
        ("+86 139-1234-5678", "13912345678"),
        ("１３８００００１２３４", "13800001234"),
        ("18877771111转1234", "18877771111-1234"),
        ("18877771111 分机 1234", "18877771111-1234"),
        ("0571-88886666", "0571-88886666"),
        ("021 58886666转802", "021-58886666-802"),
        ("订单 260301000000000001", ""),
        ("12345", ""),
    ],
)
def test_phones_of_all_kinds(text: str, phone: str) -> None:
    assert phone_in(text) == phone


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王小明 13800001234", "王小明"),
        ("13800001234 王小明", "王小明"),
        ("13800001234，买买提·艾力，杭州市西湖区文三路1号", "买买提·艾力"),
        ("杭州市西湖区文三路1号 赵敏女士 021-58886666", "赵敏女士"),
        ("红杯2个 李雷 13800001234", "李雷"),
        ("13800001234 杭州市西湖区文三路1号 马克杯", ""),
        ("马克杯 红色 两件", ""),
        ("谢谢\n13800001234", ""),
    ],
)
def test_a_name_stands_alone_or_beside_the_phone(text: str, name: str) -> None:
    assert read(text).name == name


@pytest.mark.parametrize(
    ("text", "fen"),
    [("138", 13800), ("138.5 元", 13850), ("¥138.05", 13805), ("￥0", 0), ("两百", None), ("99999999", None)],
)
def test_money_that_stands_alone(text: str, fen: int | None) -> None:
    assert fen_of(text) == fen


@pytest.mark.parametrize(
    ("text", "fen"), [("共 256元", 25600), ("合计138.00", 13800), ("88块钱", 8800), ("¥199", 19900)]
)
def test_money_among_words(text: str, fen: int) -> None:
    assert read(f"红杯 2个 {text}").paid_fen == fen


def test_what_is_not_understood_is_the_remark() -> None:
    found = read("王小明，13800001234，浙江省杭州市西湖区紫金花路88号\n红色马克杯 x2\n周五前到，放门卫")
    assert found.remark == "周五前到，放门卫"
    assert found.goods == (MUG,)


def test_an_answer_completes_an_address_that_began() -> None:
    begun = read("杭州市西湖区")
    assert with_address(begun, "文三路 1 号").address == "文三路 1 号"
    moved = with_address(begun, "上海市静安区南京西路 1 号")
    assert (moved.city, moved.district, moved.address) == ("上海市", "静安区", "南京西路 1 号")


def test_an_order_is_who_a_phone_and_where_to() -> None:
    assert is_order("王小明 13800001234 浙江省杭州市西湖区文三路 1 号")
    assert not is_order("13800001234")
    assert not is_order("王小明 13800001234 红杯 2个")
    assert not is_order("浙江省杭州市西湖区文三路 1 号什么时候能到")


def test_a_form_begins_with_a_label() -> None:
    assert begins_with_label("收件人：李雷")
    assert not begins_with_label("收件 JD-20251222-001 客户要求")


@pytest.mark.parametrize(("text", "kind"), [("漏发补寄", "reship"), ("换码 42→43", "exchange"), ("加固包装", "")])
def test_words_that_suggest_a_mending(text: str, kind: str) -> None:
    assert (mends(text) or ("", ""))[0] == kind


@given(
    st.text(
        st.sampled_from("王13800 省市区路号×x*2个件元，。\n：:姓名电话地址商品金额备注QH-CUP浙江杭州西湖"), max_size=120
    )
)
def test_any_text_can_be_read(text: str) -> None:
    found = read(text)
    assert found.paid_fen is None or 0 <= found.paid_fen <= MOST_FEN
    assert all(1 <= one.quantity <= 9999 and one.words for one in found.goods)


@pytest.mark.parametrize(
    ("end", "paid", "remark"),
    [
        ("79.8", 7980, ""),
        ("138", 13800, ""),
        ("，79.8", 7980, ""),
        ("别压坏", None, "别压坏"),
        ("1234567", None, "1234567"),
    ],
)
def test_a_bare_number_behind_the_goods_is_the_sum(end: str, paid: int | None, remark: str) -> None:
    found = read(f"张三 13800001234 浙江省杭州市西湖区文三路 1 号 马克杯 2 个 {end}")
    assert (found.paid_fen, found.remark.strip("，, ")) == (paid, remark)


def test_no_pieces_of_something_are_no_goods() -> None:
    assert read("0个杯子").goods == ()
