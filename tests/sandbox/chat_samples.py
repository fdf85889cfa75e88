"""One template card of every kind, each with every block its kind can have."""

from __future__ import annotations

from typing import Any

Card = dict[str, Any]
SOURCE = {"desc": "订单中枢", "desc_color": 0}
FIELDS = [
    {"keyname": "店铺", "value": "青禾家居旗舰店（淘宝）"},
    {"keyname": "商品", "value": "棉麻四件套 1.8m 米白 ×1 等 2 件"},
    {"keyname": "实付", "value": "¥ 368.00"},
    {"keyname": "负责人", "type": 3, "userid": "laowang"},
    {"keyname": "剩余", "value": "1 小时 20 分"},
]


def text_notice(**more: Any) -> Card:
    return {
        "card_type": "text_notice",
        "source": {"desc": "订单中枢 · 看板", "desc_color": 3},
        "main_title": {"title": "今日看板", "desc": "12月22日 10:05 更新"},
        "emphasis_content": {"title": "423", "desc": "今日订单，已完成 381"},
        "quote_area": {"type": 0, "title": "瓶颈", "quote_text": "待发货 50 单卡在快递接口，最久 2 小时 12 分"},
        "sub_title_text": "待审核 6 · 待配货 14 · 待发货 22",
        "horizontal_content_list": [
            {"keyname": "最久", "value": "JD-20251222-001，2 小时 40 分"},
            {"keyname": "明细", "type": 1, "value": "打开看板", "url": "http://127.0.0.1:8780/board"},
        ],
        "jump_list": [{"type": 1, "title": "打开网页看板", "url": "http://127.0.0.1:8780/board"}],
        "card_action": {"type": 1, "url": "http://127.0.0.1:8780/board"},
    } | more


def news_notice(**more: Any) -> Card:
    return {
        "card_type": "news_notice",
        "source": SOURCE,
        "main_title": {"title": "上周复盘", "desc": "12月15日 至 12月21日"},
        "card_image": {"url": "http://127.0.0.1:9/cover.png", "aspect_ratio": 2.2},
        "image_text_area": {
            "type": 1,
            "url": "http://127.0.0.1:8780/review",
            "title": "响应时间 4.2 小时 → 47 分钟",
            "desc": "瓶颈在待发货：快递接口两次中断，共 3 小时",
            "image_url": "http://127.0.0.1:9/thumb.png",
        },
        "vertical_content_list": [
            {"title": "最忙的一天 423 单", "desc": "周五，超平日 4 倍，未漏一单"},
            {"title": "异常 61 件，已结 59 件", "desc": "地址不清 23，缺货 18，改期 11"},
        ],
        "horizontal_content_list": [{"keyname": "报告", "value": "第 51 周"}],
        "jump_list": [{"type": 1, "title": "查看完整报告", "url": "http://127.0.0.1:8780/review"}],
        "card_action": {"type": 1, "url": "http://127.0.0.1:8780/review"},
    } | more


def button_interaction(task_id: str = "case-1-v1", **more: Any) -> Card:
    return {
        "card_type": "button_interaction",
        "task_id": task_id,
        "source": {"desc": "订单中枢 · 超时提醒", "desc_color": 2},
        "action_menu": {"desc": "更多操作", "action_list": [{"text": "静音 1 小时", "key": "mute"}]},
        "main_title": {"title": "TB-20251222-017 待发货 2 小时", "desc": "A7F2 · 应于 12:00 前发货"},
        "quote_area": {"type": 0, "quote_text": "顾客备注：周三前一定要到，送人的"},
        "horizontal_content_list": FIELDS,
        "button_selection": {
            "question_key": "courier",
            "title": "快递",
            "selected_id": "zto",
            "option_list": [{"id": "zto", "text": "中通"}, {"id": "sf", "text": "顺丰"}],
        },
        "button_list": [
            {"text": "认领", "style": 1, "key": "claim"},
            {"text": "已发出", "style": 2, "key": "shipped"},
            {"text": "转采购", "style": 4, "key": "purchasing"},
        ],
    } | more


def vote_interaction(task_id: str = "pick-1-v1", **more: Any) -> Card:
    options = ["四件套 米白 ×1", "枕套 米白 ×2", "浴巾 浅灰 ×1"]
    return {
        "card_type": "vote_interaction",
        "task_id": task_id,
        "source": SOURCE,
        "main_title": {"title": "哪些先发？", "desc": "JD-20251222-009 缺货 1 件，其余可以先发"},
        "checkbox": {
            "question_key": "lines",
            "mode": 1,
            "option_list": [{"id": f"l{i}", "text": text, "is_checked": i < 2} for i, text in enumerate(options)],
        },
        "submit_button": {"text": "提交", "key": "submit_lines"},
    } | more


def multiple_interaction(task_id: str = "ship-1-v1", **more: Any) -> Card:
    selects = {"warehouse": ("仓库", ["杭州仓", "成都仓"]), "courier": ("快递", ["中通", "顺丰", "京东"])}
    return {
        "card_type": "multiple_interaction",
        "task_id": task_id,
        "source": SOURCE,
        "main_title": {"title": "补发怎么走？", "desc": "PDD-20251222-031 补发 枕套 ×1"},
        "select_list": [
            {
                "question_key": key,
                "title": title,
                "selected_id": f"{key}-0",
                "option_list": [{"id": f"{key}-{i}", "text": text} for i, text in enumerate(texts)],
            }
            for key, (title, texts) in selects.items()
        ],
        "submit_button": {"text": "确定", "key": "submit_ship"},
    } | more


ALL = (text_notice, news_notice, button_interaction, vote_interaction, multiple_interaction)
