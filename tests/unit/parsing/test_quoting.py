"""Replies and forwards of every common mail program: new text, quoted text and signature kept apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import Intent, Reading
from ingestd.parsing import markup, quoting
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.text import clean
from tests.unit.parsing.clients import FORWARDED, HEADED, HTML, MARKED, html, marked

Email = Callable[[bytes], Reading]
OLD = (
    "发货人：吕喆\n联系方式：13605876300\n货物：水泵电机 28台、1.4方、700公斤\n提货地址：台州市温岭市大溪镇泽丰路7号\n"
    "发往：衡阳\n收货人：欧阳镕 13973405500\n付费方式：到付\n"
)
NEW = (
    "发货人：温晓 13676788205\n货物：保温杯 35箱 525公斤 2.1方\n提货地址：永康市古山镇胡库下村12号\n"
    "发往：哈尔滨\n收货人：白先生 13904510837\n付费方式：现付\n"
)
SHORT = "收到，麻烦改到下午来"
REPLIES = {name: head + marked(OLD) for name, head in MARKED.items()}
REPLIES |= {name: f"{head}\n{OLD}" for name, head in HEADED.items()}


def mail(text: str, subject: str = "Re: 订单", kind: str = "text/plain") -> bytes:
    head = f"From: =?utf-8?B?5rip5pmT?= <a@shipper.example>\r\nSubject: {subject}\r\n"
    return f"{head}Date: Tue, 10 Mar 2026 10:02:03 +0800\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{text}".encode()


def parted(text: str, definitions: Definitions, subject: str = "Re: 订单") -> quoting.Letter:
    return quoting.letter(clean(text), subject, ("温晓",), definitions)


def plain(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().split("\n") if line.strip())


@pytest.mark.parametrize("name", REPLIES)
def test_a_new_text_above_the_quote_is_all_that_is_new(name: str, definitions: Definitions) -> None:
    for new in (SHORT, NEW):
        letter = parted(f"{new}\n\n{REPLIES[name]}", definitions)
        assert (plain(letter.new.shown), letter.forwarded) == (plain(new), False)
        assert [plain(text.shown) for text in letter.quoted] == [plain(OLD)]


@pytest.mark.parametrize("name", MARKED)
def test_a_new_text_below_the_quote_is_new(name: str, definitions: Definitions) -> None:
    letter = parted(f"{MARKED[name]}{marked(OLD)}\n{NEW}", definitions)
    assert (plain(letter.new.shown), plain(letter.quoted[0].shown)) == (plain(NEW), plain(OLD))


@pytest.mark.parametrize("name", MARKED)
def test_answers_between_the_quoted_lines_are_new(name: str, definitions: Definitions) -> None:
    first, second, *rest = OLD.rstrip("\n").split("\n")
    between = f"> {first}\n改成温晓\n> {second}\n\n电话 13676788205\n\n" + marked("\n".join(rest)) + "其他没错"
    letter = parted(f"你好：\n{MARKED[name]}{between}", definitions)
    assert plain(letter.new.shown) == "你好：\n改成温晓\n电话 13676788205\n其他没错"


@pytest.mark.parametrize("name", HEADED)
def test_the_quote_may_be_marked_below_header_lines_too(name: str, definitions: Definitions) -> None:
    letter = parted(marked(HEADED[name] + "\n" + OLD) + "\n" + SHORT, definitions)
    assert (plain(letter.new.shown), plain(letter.quoted[-1].shown)) == (SHORT, plain(OLD))


@pytest.mark.parametrize("name", REPLIES)
def test_an_order_only_in_quoted_history_is_never_read(name: str, email: Email) -> None:
    for new in ("收到，谢谢", "好的，辛苦了", ""):
        reading = email(mail(f"{new}\n\n{REPLIES[name]}"))
        assert (reading.intent is Intent.ORDER, reading.orders) == (False, ())


@pytest.mark.parametrize("name", REPLIES)
def test_a_new_order_above_a_quoted_one_is_read_alone(name: str, email: Email) -> None:
    reading = email(mail(f"{NEW}\n{REPLIES[name]}"))
    (order,) = reading.orders
    assert (order.shipper.name, order.consignee.name, order.destination) == ("温晓", "白先生", "哈尔滨")
    assert (len(order.cargo), reading.problems, reading.review) == (1, (), ())


@pytest.mark.parametrize("name", HTML)
def test_html_replies_say_the_same(name: str, definitions: Definitions, email: Email) -> None:
    for new in (SHORT, NEW):
        page = html(name, new, OLD)
        letter = parted(markup.lines_of(page), definitions)
        assert plain(letter.new.shown) == plain(new)
        assert plain(OLD) in [plain(text.shown) for text in letter.quoted]
    (order,) = email(mail(page, kind="text/html")).orders
    assert order.consignee.name == "白先生"


MARKING = [name for name in HTML if not name.startswith(("outlook", "qq", "foxmail"))]  # those that box what they quote


@pytest.mark.parametrize("name", MARKING)
def test_an_html_reply_below_a_boxed_quote_is_new(name: str, definitions: Definitions) -> None:
    page = html(name, "", OLD).replace("</body>", f"<div>{NEW.replace(chr(10), '<br>')}</div></body>")
    letter = parted(markup.lines_of(page), definitions)
    assert plain(letter.new.shown) == plain(NEW)


@pytest.mark.parametrize("above", ["", "请安排", "FYI", "小杨，这单你接一下", "请安排，谢谢！\n\n温晓\n"])
@pytest.mark.parametrize("name", [*FORWARDED, *(f"fw {name}" for name in HEADED)])
def test_a_forwarded_order_is_read(name: str, above: str, definitions: Definitions, email: Email) -> None:
    subject, head = ("发货", FORWARDED[name]) if name in FORWARDED else ("Fw: 发货", HEADED[name[3:]])
    for text in (f"{above}\n\n{head}\n{NEW}", f"{above}\n\n{marked(head + chr(10) + NEW)}"):
        letter = parted(text, definitions, subject)
        assert (letter.forwarded, plain(letter.new.shown)) == (True, plain(NEW))
        reading = email(mail(text, subject))
        assert (reading.orders[0].consignee.name, reading.problems, reading.review) == ("白先生", (), ())


@pytest.mark.parametrize(
    "above", ["如下，麻烦安排", "请按下面的走", "见下面邮件，请安排提货", "Pls arrange the below shipment"]
)
@pytest.mark.parametrize("name", list(HEADED))
def test_a_reply_that_only_points_below_orders_what_stands_there(name: str, above: str, email: Email) -> None:
    reading = email(mail(f"{above}\n\n{HEADED[name]}\n{NEW}", "Re: 发货"))
    assert [order.consignee.name for order in reading.orders] == ["白先生"]


@pytest.mark.parametrize("above", ["下面这票今天能提吗", "下面这票取消", "对的，如下", "如下有误"])
def test_a_reply_that_says_more_of_what_stands_below_does_not_order_it(above: str, email: Email) -> None:
    assert email(mail(f"{above}\n\n{HEADED['qq']}\n{NEW}", "Re: 发货")).orders == ()


def test_of_nested_forwards_the_first_that_says_something_is_read(definitions: Definitions) -> None:
    text = f"请安排\n\n{FORWARDED['163']}\n转你们\n\n{FORWARDED['gmail zh']}\n{NEW}\n{HEADED['qq']}\n{OLD}"
    letter = parted(text, definitions, "Fwd: Fw: 发货")
    assert plain(letter.new.shown) == plain(NEW)
    assert (plain(letter.remark.shown), plain(letter.quoted[0].shown)) == ("请安排\n转你们", plain(OLD))


def test_a_forward_in_the_history_of_a_reply_makes_no_forward(email: Email) -> None:
    text = f"收到，谢谢\n\n{HEADED['outlook zh']}\n请看下面\n\n{FORWARDED['gmail zh']}\n{NEW}"
    assert email(mail(text)).orders == ()


@pytest.mark.parametrize("above", ["数量改成20箱", "收货电话改为13900001111", "明天上午来提", "运费改到付"])
def test_what_a_forwarder_adds_sends_the_order_to_a_person(above: str, email: Email) -> None:
    reading = email(mail(f"{above}\n\n{FORWARDED['163']}\n{NEW}", "转发: 发货"))
    assert reading.orders[0].cargo[0].quantity == 35
    assert reading.review == ("added_above",)


def test_who_forwards_beside_an_order_of_his_own_orders_that_alone(email: Email) -> None:
    reading = email(mail(f"{NEW}\n上次的供参考\n{FORWARDED['163']}\n{OLD}", "Fwd: 发货"))
    assert [order.consignee.name for order in reading.orders] == ["白先生"]


@pytest.mark.parametrize(
    "form",
    [
        "寄件人：温晓 13676788205\n寄件日期：2026-03-10 14:00\n收件人：白先生 13904510837\n",
        "From: Yongkang\nTo: Harbin\nDate: 12 March\n",
        "发件人: 温晓\n日期: 3月10日\n收件人: 白先生\n",
        "--------\n发货人：温晓\n时间：15:00前\n",
        "→ 哈尔滨\n→ 白先生\n",
    ],
)
def test_a_form_is_no_header_and_an_arrow_no_mark(form: str, definitions: Definitions) -> None:
    assert plain(parted(f"你好，发货\n{form}付费方式：现付", definitions).new.shown).endswith(
        f"{plain(form)}\n付费方式：现付"
    )


def test_the_end_of_a_marked_line_that_was_broken_in_two_stays_quoted(definitions: Definitions) -> None:
    long = "> 提货地址：广东省深圳市南山区西丽街道创科路十二号远达工业园三栋一楼后门装卸平台"
    letter = parted(f"好\n\n{MARKED['gmail en']}> 你好\n{long}\n找王先生 13900001111\n> 到付\n", definitions)
    assert plain(letter.new.shown) == "好"


SIGNATURES = [
    "温晓\n销售部\n永康市杯业有限公司\n地址：永康市城东路1号\n电话：0579-87110000 传真：0579-87110001\n",
    "-- \n温晓\n13676788299\n",
    "--\n永康杯业 专注保温杯20年 0579-87110000\n",
    "------------------\n永康市杯业有限公司\n订货热线 0579-87110000\n",
    "________________________________\n温晓 | 销售部\n手机 13676788299\n",
    "祝好！\n\n温晓\n0579-87110000\n",
    "順頌 商祺\n\n杯業 業務部 林佩蓉\nTEL:04-23597718 FAX:04-23597729\n台中市西屯區工業區三十八路\n",
    "Best regards,\nWen Xiao\nYongkang Cups Co., Ltd.\nTel: +86 579 87110000\n",
    "Thanks & B.Rgds\nWen\nMob: +86 136 7678 8299\n",
    "——永康杯业 温晓\n",
    "发自我的iPhone\n",
    "发自网易邮箱大师\n",
    "来自小米邮箱\n",
    "Sent from my HUAWEI Mate 60 Pro\n",
    "发送自 Windows 版邮件应用\n从 Windows 版邮件发送\n",
    "获取 Outlook for iOS\n",
    "发自我的小米手机\n",
    "使用 Spark 发送\n",
    "温晓\n\n本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人。电话0579-87110000\n请勿转发。\n",
    "CONFIDENTIALITY NOTICE: This e-mail is intended only for the addressee. Tel 0579-87110000\n",
    "永康市杯业有限公司\n永康市城东路1号\n传真 0579-87110001  网址 www.cups.example\n",
]


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_is_set_apart_and_gives_no_data(signature: str, definitions: Definitions, email: Email) -> None:
    for tail in ("", "\n" + REPLIES["qq"]):
        text = f"{NEW}\n{signature}{tail}"
        assert plain(parted(text, definitions).new.shown) == plain(NEW)
        reading = email(mail(text))
        assert (reading.problems, reading.review, reading.orders[0].shipper.phones) == ((), (), ("+8613676788205",))


@pytest.mark.parametrize("name", ["老吴", "冼", "阿芳", "欧阳丽", "\n罗", "\n小向"])
def test_a_bare_name_at_the_end_is_a_signature(name: str, definitions: Definitions) -> None:
    letter = quoting.letter(f"明天来提，谢谢！\n{name}", "", (), definitions)
    assert (letter.new.shown, letter.signature.shown) == ("明天来提，谢谢！", name.strip())


@pytest.mark.parametrize("text", ["收货人\n罗", "收货人：\n老吴", "发往杭州\n欧阳丽", "要车。\n提付", "发货。\n到付"])
def test_a_name_below_an_unfinished_line_is_data(text: str, definitions: Definitions) -> None:
    assert quoting.letter(text, "", (), definitions).new.shown == text


@pytest.mark.parametrize(
    "line", ["发自义乌，40箱", "发自深圳 13800138000", "来自义乌的客户要 40箱", "提付 谢谢", "------\n提付"]
)
def test_what_only_looks_like_a_signature_stays(line: str, definitions: Definitions) -> None:
    assert parted(f"你好，发一票货\n{line}", definitions).new.shown.endswith(line.rsplit("\n", 1)[-1])


@pytest.mark.parametrize(
    "warning",
    ["CAUTION: This email originated from outside.\nDo not click links.", "【外部邮件】此邮件来自外部，请谨慎"],
)
def test_a_warning_above_the_text_is_left_out_alone(warning: str, definitions: Definitions) -> None:
    letter = parted(f"{warning}\n\n{NEW}", definitions)
    assert plain(letter.new.shown) == plain(NEW)


def test_an_answer_whose_quote_lost_its_head_is_for_a_person(email: Email) -> None:
    text = (
        "核对过>\n收件人： 石磊 <shilei@hz.example>\n主题： 请核对订单 260514011\n"
        "提货：湖州织里吴兴大道童装城2区 石磊 13567224903\n货物：童装 12包 264公斤 1.7方\n"
        "发往：郑州 收货：郭姐 13938462217 到付"
    )
    assert "from_quote" in email(mail(text, "Re: LT260514011")).review
