"""Who and where in mails: parties over several lines, beside companies and departments, in English and in prose."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import OrderReading, Reading
from tests.unit.parsing.mails import mail

Told = dict[str, str | None]

TEXTS: dict[str, tuple[str, Told]] = {
    "blocks of a supplier and a distributor in an English mail": (
        "Kindly collect 6 crates of ceramic sinks from our vendor, gross 1.1 t, 4.2 cbm:\n"
        "Foshan Nanhai Bathware Factory\nNo. 12 Lihe Road, Shishan Town, Nanhai District, Foshan\n"
        "contact: Mr. Ou, mobile 138 2541 7716\nThey go to Wuhan, to the yard of our forwarder:\n"
        "Hubei Homeplus Trading - Ms. Fang Min, tel 027-8690 2217\n36 Jiefang Avenue, Jianghan District, Wuhan\n"
        "Freight prepaid.\n",
        {
            "shipper": "Mr. Ou", "company": "Foshan Nanhai Bathware Factory", "goods": "ceramic sinks",
            "pickup": "No. 12 Lihe Road, Shishan Town, Nanhai District, Foshan", "destination": "Wuhan",
            "consignee": "Ms. Fang Min", "theirs": "Hubei Homeplus Trading",
            "address": "36 Jiefang Avenue, Jianghan District, Wuhan",
        },
    ),
    "a name without a title behind a company, and one before its company in brackets": (
        "Shipper: Hengda (Dongguan) Co., Ltd, Kevin Lau, tel 0769-2869 4410\nPick-up: 8 Zhenan Road, Dongguan\n"
        "Goods: desk lamps\nPackages: 40 cartons\nWeight: 300 kgs\nDestination: Nanjing\n"
        "Consignee: Mr. Paul (Andes Import), 138 5108 7142\nPayment: collect\n",
        {
            "shipper": "Kevin Lau", "company": "Hengda (Dongguan) Co., Ltd", "consignee": "Mr. Paul",
            "theirs": "Andes Import",
        },
    ),
    "one's own words for the two sides": (
        "在哪提：佛山市南海区大沥镇盐步河西路9号\n货：吊扇 20箱 300公斤 2方\n我：永旺电器 阿梅 13570921846\n"
        "去：贵阳\n那边：百佳商行 老邓 13888045172\n钱：到付\n",
        {
            "shipper": "阿梅", "company": "永旺电器", "destination": "贵阳", "consignee": "老邓", "theirs": "百佳商行",
        },
    ),
    "departments that are written apart": (
        "发货方：石家庄华诚制药有限公司 储运部 谷丽 0311-85582211\n提货：石家庄市栾城区裕翔街168号\n"
        "货：药品 10件 120公斤 0.5方\n发往：黄山\n收货：黄山医药公司 采购部 汪芝 0559-2538801\n回单付\n",
        {
            "shipper": "谷丽", "company": "石家庄华诚制药有限公司", "consignee": "汪芝", "theirs": "黄山医药公司",
        },
    ),
    "a trade that begins like a surname": (
        "发货单位：天津海光仪器 边工 13702119845\n提货地址：天津市北辰区双口镇永和道12号\n"
        "货物：光谱仪 2台 165公斤 0.66立方\n发往：长春\n收货单位：长春中机电气安装 庄工 13702119846\n付款：到付\n",
        {"shipper": "边工", "company": "天津海光仪器", "consignee": "庄工", "theirs": "长春中机电气安装"},
    ),
    "address, company and person between commas": (
        "* 货物 水泵，4台，620公斤，2方\n* 装货 惠州市博罗县石湾镇科技园3栋，惠州市恒泰水泵有限公司，骆工 13692880547\n"
        "* 卸货 青岛市城阳区流亭街道双元路66号，青岛海川机电，战主任 0532-66917382\n* 付款 到付\n",
        {
            "shipper": "骆工", "company": "惠州市恒泰水泵有限公司", "pickup": "惠州市博罗县石湾镇科技园3栋",
            "consignee": "战主任", "theirs": "青岛海川机电", "address": "青岛市城阳区流亭街道双元路66号",
        },
    ),
    "a signature below a closing of two lines": (
        "我司有一批阀门（30箱，900公斤，2.5方）要运到潍坊，28号上午来我司装车，地址是东莞市大岭山镇连平工业园8号，"
        "装车找仓库小马（13712406581）。\n收货方为潍坊鲁东机械有限公司，地址是潍坊市寒亭区北海路3199号，联系人隋经理，"
        "电话13606367721。\n运费到付。\n\n此致\n敬礼\n李卓\n东莞市锐芒设备有限公司 销售部\n电话：0769-83117256\n",
        {"shipper": "李卓", "company": "东莞市锐芒设备有限公司", "contact": "仓库小马", "consignee": "隋经理"},
    ),
    "a town behind a word of sending and a gap": (
        "请帮忙叫车来提，要发 常德。\n发货人：车晓燕 13556829940\n货物：展示架，12木箱，540公斤，3.2立方\n"
        "提货地点：深圳市龙岗区横岗街道金塘街51号\n收货人：卢经理 13903847265\n运费：寄付\n",
        {"shipper": "车晓燕", "destination": "常德", "consignee": "卢经理"},
    ),
    "a relative of somebody is no company": (
        "发货人：喻大海 13890001122\n提货：成都市郫都区红光镇港通北三路9号\n货物：底料 30箱 600公斤 1方\n发往：昆明\n"
        "收货人：念老板的弟弟 念建华 15925117703\n到付\n",
        {"shipper": "喻大海", "consignee": "念建华", "theirs": None},
    ),
    "a window that is a person, and a verb of loading": (
        "我是東莞寶勝鞋材的林佳蓉，電話0769-85923344轉216。有鞋墊30包要寄到廈門，450公斤，4.5立方，麻煩明天下午到"
        "厚街鎮涌口工業區環山路7號來載貨。\n收貨的是廈門興隆鞋業，窗口是許課長，電話0592-6273358。運費由對方付，謝謝。\n",
        {
            "shipper": "林佳蓉", "company": "東莞寶勝鞋材", "pickup": "厚街鎮涌口工業區環山路7號",
            "destination": "廈門", "consignee": "許課長", "theirs": "廈門興隆鞋業",
        },
    ),
    "a rare surname before a phone": (
        "车载支架 16箱 192公斤 0.8方 宝安西乡固戍塘西工业区2栋 发太原 收货冀师傅15835147720 "
        "到付 发货人爨伟13422857309\n",
        {"shipper": "爨伟", "consignee": "冀师傅", "destination": "太原"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_parties_are_told_apart(name: str, email: Callable[[bytes], Reading]) -> None:
    text, told = TEXTS[name]
    reading = email(mail(text.encode()))
    found = who_and_where(reading.orders[0])
    assert {key: found[key] for key in told} == told


def who_and_where(order: OrderReading) -> Told:
    return {
        "shipper": order.shipper.name, "company": order.shipper.company, "pickup": order.pickup.address,
        "contact": order.pickup.contact, "goods": order.cargo[0].name if order.cargo else None,
        "destination": order.destination, "consignee": order.consignee.name, "theirs": order.consignee.company,
        "address": order.consignee.address,
    }  # fmt: skip


def test_orders_under_their_own_headings_are_kept_apart(email: Callable[[bytes], Reading]) -> None:
    head = "Shipper: Dongguan Brightway Co., Ltd, Kevin Lau, tel 0769-2869 4410\nPick-up: 8 Zhenan Road, Dongguan\n"
    one = "Goods: desk lamps\nPackages: 40 cartons\nDestination: Nanjing\nConsignee: Mr. Hu, 138 5108 7142\n"
    two = "Goods: table fans\nPackages: 25 cartons\nDestination: Jinan\nConsignee: Ms. Zhou, 139 5311 6604\n"
    reading = email(mail(f"{head}\nShipment 1\n{one}\nShipment 2\n{two}".encode()))
    assert [o.destination for o in reading.orders] == ["Nanjing", "Jinan"]
    assert [o.shipper.name for o in reading.orders] == ["Kevin Lau", "Kevin Lau"]
