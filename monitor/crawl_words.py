"""What the crawler says of runs and calls the software of portals, in the reader's language.

The crawler speaks Chinese and knows no catalogue: its texts are named here for the catalogue, and a test holds
them against what the crawler may say.
"""

from __future__ import annotations

from crawler.outcomes import sentences
from monitor.language import N_, translate

TEXTS = (
    N_("被拦截或拒绝"),
    N_("robots.txt 不许访问"),
    N_("网站要求暂缓访问（429，Retry-After）"),
    N_("传输中断，只收到一部分"),
    N_("重定向没有尽头"),
    N_("无法连接"),
    N_("证书无效"),
    N_("页面不存在"),
    N_("页面已撤下"),
    N_("指向未登记的主机"),
    N_("robots.txt 因服务器故障读不到，按规则暂不访问"),
    N_("地址在内网，未获准访问（[crawl] allow_private_addresses）"),
    N_("没有可打开的网址"),
    N_("文件过大"),
    N_("内容不完整"),
    N_("列表无法识别"),
    N_("此栏目需要浏览器呈现，但本机没有：请运行 script/setup --browser，并安装 chromium（apt install chromium）"),
    N_("浏览器无法启动或意外终止（可运行 chromium --headless 看原因）"),
    N_("页面在浏览器中未能呈现"),
    N_("页面脚本取的数据不全"),
    N_("数据经 WebSocket 传送，采集程序不支持"),
    N_("数据经事件流传送，采集程序不支持"),
    N_("页面请求过多"),
    N_("页面脚本出错，没有列出内容"),
    N_("页面的数据接口报错"),
    N_("页面到时限仍在变化"),
    N_("列表页{number}个{why}"),
    N_("年报页面{number}个{why}"),
    N_("附件或旧页面{number}个{why}"),
    N_("网站有回应，但页面上认不出年报列表"),
    N_("此栏目以前列有{detail}份年报，现在一份也没有，可能是网站改版"),
    N_("页面写明共{declared}条，只读到{read}条"),
    N_("页面写明共{declared}页，只读到{read}页"),
    N_("翻页后仍是同样的内容，其余各页读不到"),
    N_("翻页没有尽头，已停止"),
    N_("采集被中断"),
    N_("采集超过时限"),
    N_("采集进程意外终止"),
    N_("采集程序出错（{problem}）"),
    N_("TRS WCM（拓尔思）"),
    N_("Hanweb（大汉）"),
    N_("Hanweb 信息公开模块（大汉）"),
    N_("Hanweb queryList（大汉，江西）"),
    N_("Hanweb JPaaS（大汉）"),
    N_("UCAP（开普）"),
    N_("安徽政务公开（商网、龙讯）"),
    N_("广东集约化平台"),
    N_("VSB（博达）"),
    N_("Epoint（新点）"),
    N_("通用"),
)
"""Every text of the crawler that people are shown."""


def problem_in_words(problem: str | None, language: str) -> str:
    """Why a run, a column or a document failed; empty where it did not."""
    if not problem:
        return ""
    told = [
        translate(text, language, {name: translate(value, language) for name, value in values.items()})
        for text, values in sentences(problem)
    ]
    return translate(N_("；"), language).join(told)
