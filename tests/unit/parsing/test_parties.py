"""Who and where in mails: parties over several lines, beside companies and departments, in English and in prose."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import Code, OrderReading, Reading
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
    "an English given name before a Chinese one, and a firm in Latin letters that is none": (
        "发货人：Foxconn 李工 13800138011\n提货地址：深圳市龙华区观澜街道大富路9号\n货物：面板 12箱 240公斤 1.5方\n"
        "发往：香港\n收货人：Jenny 陈小姐 13900139011\n付款：月结\n",
        {"shipper": "李工", "company": "Foxconn", "consignee": "Jenny 陈小姐", "theirs": None},
    ),
    "a company with its town in the place of an address": (
        "发货：佛山市顺德区北滘镇恒亮锁业 / 欧阳先生 / 13924957702\n提货：佛山市顺德区北滘镇工业大道南5号\n"
        "收货：武汉汉正五金 / 甘小姐 / 13397142285\n发往：武汉\n货物：执手锁 40箱 880kg 1.6方\n付款：现付\n",
        {
            "shipper": "欧阳先生", "company": "佛山市顺德区北滘镇恒亮锁业", "pickup": "佛山市顺德区北滘镇工业大道南5号",
            "theirs": "武汉汉正五金",
        },
    ),
    "talk behind a name, and somebody over there": (
        "我这边有营养袋 60包 900公斤 4方\n货在昆明市呈贡区斗南街道古滇路12号\n我叫普丽萍 15087116329\n要发文山\n"
        "收货人是侬文军 电话晚点发你\n运费到付\n",
        {"shipper": "普丽萍", "destination": "文山", "consignee": "侬文军"},
    ),
    "who it is over there": (
        "我要发20袋花椒到重庆，一袋50斤。我叫何满堂13893902277，货在陇南市武都区安化镇东街8号。"
        "重庆那边是刘老板收，13996048851，运费到付。\n",
        {"shipper": "何满堂", "destination": "重庆", "consignee": "刘老板", "goods": "花椒"},
    ),
    "a company that one belongs to, and the name behind a comma": (
        "你们好，我是洛川阿寺村合作社的，屈粉莲，电话13772938045。有380箱苹果要发武汉，每箱20斤，总共8个方。"
        "货在洛川县凤栖街道阿寺村果库。收货是武汉四季美水果行的童老板，13871460928，运费我出。\n",
        {"shipper": "屈粉莲", "company": "洛川阿寺村合作社", "consignee": "童老板", "theirs": "武汉四季美水果行"},
    ),
    "who writes in English, and an address behind the phone": (
        "We are Hubei Jiangxia Valve Co., Ltd.; the person in charge is Ms. Tracy Wen, mobile +86 158 2749 6013.\n"
        "Pick-up address: No. 21 Canglong Avenue, Jiangxia District, Wuhan\n"
        "Cargo: 16 cases of butterfly valves, 3,840 kgs gross, 7.35 CBM in total.\nDestination: Shanghai.\n"
        "Consignee: Mr. Qiu, Haiyue Bonded Warehouse, tel. 021-5838 6617, No. 155 Gangjian Road, Pudong, Shanghai\n"
        "Freight prepaid.\n",
        {
            "shipper": "Ms. Tracy Wen", "company": "Hubei Jiangxia Valve Co., Ltd.", "destination": "Shanghai",
            "consignee": "Mr. Qiu", "theirs": "Haiyue Bonded Warehouse",
            "address": "No. 155 Gangjian Road, Pudong, Shanghai",
        },
    ),
    "a depot by its name, and its address apart": (
        "发货仓：天猫优选华南仓\n发货人：卞小芸 020-61778430\n提货地址：广州市白云区太和镇沙亭北路33号2号库\n"
        "货品：电饭煲 35箱 437公斤 2.1方\n目的城市：宁波\n收货供应商：宁波慈云电器\n收货人：戚小姐 13586744029\n到付\n",
        {
            "shipper": "卞小芸", "company": "天猫优选华南仓", "pickup": "广州市白云区太和镇沙亭北路33号2号库",
            "theirs": "宁波慈云电器",
        },
    ),
    "goods into a warehouse": (
        "麻烦明天上午安排车到东莞市长安镇上沙社区中南南路19号提货。\n托运人：东莞辉诚塑胶有限公司 翁小姐 "
        "13790416652。\n货物：塑胶盒，96箱，1056kg，8.83cbm。\n送仓：深圳市盐田区北山道121号三号仓，"
        "收货写鹏翔物流，电话 0755-25289914。\n"
        "运费现付。\n",
        {
            "shipper": "翁小姐", "pickup": "东莞市长安镇上沙社区中南南路19号", "theirs": "鹏翔物流",
            "address": "深圳市盐田区北山道121号三号仓",
        },
    ),
    "one who moves house lists what he has": (
        "我叫庞晓，手机18928764105，要把深圳出租屋里的行李运回老家衡阳。一共12件，里面是被子、鞋子、电脑，都打包好了，"
        "大约180公斤，体积1个立方。提货地址是深圳市南山区桃园路9号5楼。收货的是我妈妈李桂芳，电话13983407756。运费我出。\n",
        {"shipper": "庞晓", "destination": "衡阳", "goods": "被子、鞋子、电脑", "consignee": "李桂芳"},
    ),
    "a name behind the thanks of a reply's last line is nobody in a form": (
        "发货人：曲波 13800138022\n提货：鞍山市千山区鞍海路27号\n货：配件 12箱 310公斤 1.2方\n发往：牡丹江\n"
        "收货人电话：0453-6628117\n付款方式：到付\n谢谢。小曲\n",
        {"shipper": "曲波", "consignee": None},
    ),
    "an address that goes on along a road is no destination": (
        "发货人：孔祥霞 15354018826\n提货地址：曹县大集镇丁楼村村委会往东第三家\n货：汉服 96包 1200公斤 5方\n"
        "发往：西安\n收货人：刘芳 13712345678\n月结\n",
        {"pickup": "曹县大集镇丁楼村村委会往东第三家", "destination": "西安"},
    ),
    "the account of one's cooperative": (
        "玫瑰85箱，640公斤，5.1方，昆明市呈贡区斗南街道花卉交易中心D馆37号，发货人杨丽芬13708845526。发西安。"
        "收货人佟晓雨 18691537042。运费月结，挂我们合作社的账：斗南云朵花卉合作社。\n",
        {"shipper": "杨丽芬", "company": "斗南云朵花卉合作社", "destination": "西安", "consignee": "佟晓雨"},
    ),
    "a relative who receives, and the name of a shop": (
        "我在网上开店的，店名叫小鹿童装。有12包衣服要发到沈阳五爱市场，一包30斤，一共1.5方。到广州沙河大街28号二楼来取。"
        "收货的姐姐叫于凤 13998765432，到付。\n",
        {"company": "小鹿童装", "destination": "沈阳五爱市场", "consignee": "于凤", "theirs": None},
    ),
    "a shop within a market": (
        "发：佛山市顺德区乐从镇家具城3期B12 林生 13923456789\n收：西安 大明宫建材市场 C区18号 贺姐 13572345678\n"
        "沙发 6件 4.5方 210kg 到付\n",
        {"shipper": "林生", "consignee": "贺姐", "address": "西安大明宫建材市场C区18号", "goods": "沙发"},
    ),
    "who writes of which company, and to whom to deliver": (
        "This is Linda Shen of Ningbo Sunrise Import & Export Co., Ltd. (tel 0574-8765 4321).\n"
        "We have 12 pallets of garden furniture, 3600 kg, 20 cbm, to be collected at Building 5, 218 Jingjia Road, "
        "Ningbo.\n"
        "Deliver to Mr. Gao Feng at Chengdu Greenhome Furniture, 99 Shuangnan Avenue, Chengdu, phone 138 8000 1234.\n"
        "Freight collect.\n",
        {
            "shipper": "Linda Shen", "company": "Ningbo Sunrise Import & Export Co., Ltd.", "consignee": "Mr. Gao Feng",
            "theirs": "Chengdu Greenhome Furniture", "address": "99 Shuangnan Avenue, Chengdu",
        },
    ),
    "a name in quotes behind an address": (
        "明天上午请到中山市横栏镇新茂工业区益辉一路12号“华亮灯饰”提货，联系谭主管13822334455。壁灯 80箱 720KG 6方，"
        "发石家庄，收货方“亮美灯饰经营部”，马老板13932345678。运费提付。\n",
        {
            "shipper": "谭主管", "company": "华亮灯饰", "pickup": "中山市横栏镇新茂工业区益辉一路12号",
            "theirs": "亮美灯饰经营部", "consignee": "马老板",
        },
    ),
    "what somebody is before who he is, and no company": (
        "发货方联系人：仓库 莫师傅，电话 0757-86543210\n发货地址：佛山市南海区里水镇和顺大道8号仓\n"
        "货：瓷砖胶 200包 5吨\n"
        "收货方：中建八局项目部\n收货联系人：材料员 小侯 15912345678\n收货地址：昆明市官渡区广福路66号\n运费：月结\n",
        {"shipper": "莫师傅", "company": None, "consignee": "小侯", "theirs": "中建八局项目部"},
    ),
    "person and phone in one bracket behind a company": (
        "货主：宏图印刷（李建军 13512348888）\n书刊 30件 900kg 1.5方\n提货地址：北京市通州区台湖镇兴光四街9号\n"
        "收货：天津新华书店 高红 022-23456789\n天津市西青区才智道36号\n现付\n",
        {"shipper": "李建军", "company": "宏图印刷", "theirs": "天津新华书店", "address": "天津市西青区才智道36号"},
    ),
    "who stands before an English address under its label": (
        "Please collect from: Mr. Chen Wei, Qingdao Bluewave Tackle, Unit 12, 66 Zhuzhou Road, Qingdao, "
        "tel 0532-8899 7766\n"
        "Goods: fishing reels, 15 cartons, 180kg, 0.9cbm\nShip to: Lanzhou Petrochem Supplies\n"
        "Attn: Mrs. Ma Li / 0931 7771234\n12 Xigu West Road, Xigu District, Lanzhou\nFreight collect\n",
        {
            "shipper": "Mr. Chen Wei", "pickup": "Unit 12, 66 Zhuzhou Road, Qingdao", "consignee": "Mrs. Ma Li",
            "theirs": "Lanzhou Petrochem Supplies", "address": "12 Xigu West Road, Xigu District, Lanzhou",
        },
    ),
    "single signs for labels without a colon": (
        "发货人 阿里木江 13999887766\n提 喀什市多来特巴格乡7村12号\n货 葡萄干 150箱 1.5吨\n"
        "收 郑州市管城区紫荆山路9号 古丽巴哈尔 15538887766\n到付\n",
        {
            "shipper": "阿里木江", "pickup": "喀什市多来特巴格乡7村12号", "goods": "葡萄干", "consignee": "古丽巴哈尔",
            "address": "郑州市管城区紫荆山路9号",
        },
    ),
    "where goods lie": (
        "货主徐大勇（13512341234）现有红富士苹果 500件 每件8公斤 12方，存放于烟台栖霞市松山镇大榆庄村冷库，"
        "需运至长沙红星大市场，接货人：刘湘平，电话：0731-85123456。到付。\n",
        {"shipper": "徐大勇", "pickup": "烟台栖霞市松山镇大榆庄村冷库", "consignee": "刘湘平"},
    ),
    "who is named in a bracket behind an address": (
        "Pick up : 深圳市光明区马田街道福盈工业园A1栋（海聚电子，仓库 小邓 13612345678）\n"
        "Ship to : 苏州市吴中区胥口镇茅蓬路517号（捷通电子 IQC 黄工 18962112233）\n"
        "Goods : 五金弹片 16 CTNS / 240 KGS / 0.6 CBM\nFreight : 到付\n",
        {
            "shipper": "小邓", "company": "海聚电子", "pickup": "深圳市光明区马田街道福盈工业园A1栋",
            "consignee": "黄工", "theirs": "捷通电子", "address": "苏州市吴中区胥口镇茅蓬路517号",
        },
    ),
    "a daughter elsewhere": (
        "我家在成都市金牛区营门口路8号金府花园3栋。被子10个纸箱，200斤，1方，寄给我女儿，她在上海，"
        "地址上海市杨浦区国顺路220号复旦公寓6号楼，她叫郭晓萌，电话18616161616。\n我叫郭建平，手机13880808080。到付。\n",
        {
            "shipper": "郭建平", "pickup": "成都市金牛区营门口路8号金府花园3栋", "consignee": "郭晓萌",
            "address": "上海市杨浦区国顺路220号复旦公寓6号楼",
        },
    ),
    "contacts at loading and unloading": (
        "Loading: No.3 Yuejin Road, Binhai New Area, Tianjin; loading contact Mr. Hou Lei +86 138 2000 1122\n"
        "Unloading: 101 Hangtian East Road, Chang'an District, Xi'an; unloading contact Dr. Xue +86 29 8560 3344\n"
        "Shipper: Linde Carbon GmbH (China Office)\n9 crates graphite felt, 1.9 tons, 11 m3, monthly account.\n",
        {"pickup": "No.3 Yuejin Road, Binhai New Area, Tianjin", "shipper": "Mr. Hou Lei", "consignee": "Dr. Xue"},
    ),
    "the keeper of a store": (
        "委托单位：江西赣锋粮油有限公司 黎志明 13970912345\n提货地址：南昌市高新区昌东大道8888号\n"
        "库管：小熊 0791-88123456\n"
        "收货单位：福州永辉配送中心 林婷 0591-22812345\n发往：福州\n品名：大米 600袋 15吨 20方\n预付\n",
        {"shipper": "黎志明", "pickup": "南昌市高新区昌东大道8888号", "contact": "小熊", "consignee": "林婷"},
    ),
    "a chat that names goods behind a word of going": (
        "阿芬烘焙 14:21\n要发蛋糕盒 90箱 450公斤 7方\n阿芬烘焙 14:22\n我这边是泉州晋江市陈埭镇涵口村工业区南15号\n"
        "电话13599162038 洪美芬\n阿芬烘焙 14:24\n发南昌 收货人 余师傅 13970056418\n到付\n",
        {"shipper": "洪美芬", "goods": "蛋糕盒", "destination": "南昌", "consignee": "余师傅"},
    ),
    "blocks under numbered headings, and the keeper with his phone": (
        "一、发货：\n    鹤山市雅瑶镇昆东工业区 鹤山联塑管件厂 小权 13700011122\n二、收货：\n"
        "    兰州新区中川镇纬一路 甘肃水利安装工程公司 张鑫 18900011122\n三、货物：\n    管件 120包 2.4吨 15方\n"
        "四、运费：到付\n",
        {
            "shipper": "小权", "company": "鹤山联塑管件厂", "pickup": "鹤山市雅瑶镇昆东工业区", "consignee": "张鑫",
            "theirs": "甘肃水利安装工程公司", "address": "兰州新区中川镇纬一路",
        },
    ),
    "a town in brackets is no name, a department no company": (
        "发货人：恒昌五金（阳江） 13822033344\n提货点：阳江市阳东区东城镇始兴南路9号\n目的站：临沂\n"
        "收货联系 项目部刘工 电话 13855512345\n货：厨刀 25件 375KG 1.1方\n付款：到付\n",
        {"shipper": None, "consignee": "刘工", "theirs": None, "destination": "临沂"},
    ),
    "a husband who writes for his wife, and a brother who receives": (
        "发货人是我爱人，叫周丽娟13700022233，货在无锡市崇安寺美食城一楼107铺。发到江西龙南，"
        "到那边找我弟弟刘根水接货，13900011144。茶叶15箱 150斤 1方，到付\n",
        {"shipper": "周丽娟", "company": None, "consignee": "刘根水", "destination": "江西龙南"},
    ),
    "whom to ask for at loading and at unloading": (
        "从嘉善县姚庄镇木业大道88号拉到南昌县向塘镇物流园，装车找车间林姐15988881234，卸车找那边老徐 13870001234，"
        "胶合板 300张 4.2吨 8方，发货人 金大明 13566667777，月结。\n",
        {"shipper": "金大明", "contact": "林姐", "consignee": "老徐"},
    ),
    "we, and our company in brackets": (
        "We (Suzhou BrightKids Educational Toys Ltd) have 30 boxes of wooden blocks, 360 kg, 2.4 cbm.\n"
        "Pick-up address: 77 Suhong Road, SIP, Suzhou\nSender's contact: Ms. Eva Qian 0512-6288 9999\n"
        "Consignee: Ms. Luo Jing, 0851-8655 1234\nDestination: Guiyang\nFreight prepaid.\n",
        {"shipper": "Ms. Eva Qian", "company": "Suzhou BrightKids Educational Toys Ltd", "goods": "wooden blocks"},
    ),
    "labels that dictation misheard": (
        "发货任王秀兰电话15354018826\n取货地祉菏泽市牡丹区丁楼村村委会\n货是衣服九十六包重量是一吨二体积是五方\n"
        "发到西安大雁塔广场\n收货仁刘芳电话13712345678\n运费到付\n",
        {
            "shipper": "王秀兰", "pickup": "菏泽市牡丹区丁楼村村委会", "goods": "衣服", "destination": "西安大雁塔广场",
            "consignee": "刘芳",
        },
    ),
    "labels that dictation misheard, and one that it did not": (
        "托运仁李国强手机13812345678\n提货地只长沙市雨花区万家丽路18号\n茶油三十箱六百公斤一方\n发往株洲\n"
        "收货人黄晓明13900001111\n月结\n",
        {"shipper": "李国强", "pickup": "长沙市雨花区万家丽路18号", "goods": "茶油", "consignee": "黄晓明"},
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


def test_orders_numbered_in_one_line_are_kept_apart(email: Callable[[bytes], Reading]) -> None:
    text = (
        "我是老钱13812866430，提货地址常熟市招商北路77号，两票：1.毛衣30包600公斤3.6方发合肥，收货金姐13956913307到付；"
        "2.羽绒服18包270公斤2.9方发六安，收货卫老板13866740092到付\n"
    )
    reading = email(mail(text.encode()))
    assert [(o.cargo[0].name, o.destination, o.consignee.name) for o in reading.orders] == [
        ("毛衣", "合肥", "金姐"), ("羽绒服", "六安", "卫老板"),
    ]  # fmt: skip


def test_a_form_of_two_languages_has_no_signature_below_its_rules(email: Callable[[bytes], Reading]) -> None:
    text = (
        "发货公司 Shipper : 常州科锐轴承有限公司\n联系人 Contact : 潘国栋\n电话 Tel : 0519-85170362\n"
        "提货地址 Pick-up : 常州市新北区薛家镇庆阳路18号\n----------------------------\n货物 Goods : 滚子轴承\n"
        "件数 Qty : 16 木箱\n毛重 G.W. : 2208 KG\n----------------------------\n目的地 Dest. : 十堰\n"
        "收货公司 Consignee : 十堰东驰车桥有限公司\n收货人 Attn : 祝娟\n电话 Tel : 0719-8226195\n付款 Payment : 月结\n"
    )
    order = email(mail(text.encode())).orders[0]
    assert (order.destination, order.consignee.name, order.consignee.phones) == ("十堰", "祝娟", ("+867198226195",))


def test_a_landline_too_short_is_no_phone(email: Callable[[bytes], Reading]) -> None:
    reading = email(mail("发货人：谷丽\n电话：0311-85582\n货：药品 10件 120公斤\n发往：黄山\n".encode()))
    codes = [p.code for p in reading.problems if p.field == "shipper.phones"]
    assert codes == [Code.INVALID_PHONE]


def test_a_new_contact_at_the_pickup_does_not_become_the_shipper(email: Callable[[bytes], Reading]) -> None:
    text = "251103040 提货联系人换成邬师傅 18651240937，我下午外出。\n"
    reading = email(mail(text.encode(), Subject="251103040 change"))
    (order,) = reading.orders
    assert (order.pickup.contact, order.shipper.name, order.shipper.phones) == ("邬师傅", None, ())


def test_a_label_without_its_colon_is_not_taken_for_a_misheard_one(email: Callable[[bytes], Reading]) -> None:
    text = (
        "发货人何伟民\n联系方式13822770518\n货物状况吸顶灯 48件、5.4立方、620公斤\n"
        "提货地址中山市古镇镇同益工业区C座3楼\n"
        "发往郑州\n收货人田经理\n联系方式15938710246\n付费方式到付\n"
    )
    assert email(mail(text.encode())).orders[0].consignee.name == "田经理"
