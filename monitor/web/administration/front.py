"""The way to everything that administrators look after."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.language import N_
from monitor.web.handling import for_readers
from monitor.web.rendering import page

MATTERS = (
    ("/administration/users", N_("用户"), N_("谁能登录，身份和能看到的地区")),
    ("/administration/tokens", N_("接口令牌"), N_("别的系统凭令牌读取数据")),
    ("/administration/due", N_("公布期限"), N_("哪条期限规则对谁有效，出处在哪里")),
    ("/administration/rules", N_("检查规则"), N_("在一个县区或更大的地方停用规则，或改变程度")),
    ("/administration/channels", N_("消息渠道"), N_("消息发给谁、何时发；发一条测试消息")),
    ("/administration/jobs", N_("任务"), N_("等待、进行中、完成和失败的任务")),
    ("/names", N_("待定署名"), N_("确认报告署名属于哪个单位")),
    ("/administration/audit", N_("操作记录"), N_("谁在什么时候改动了什么")),
)


@for_readers(Right.ADMINISTER)
def show(request: Request, access: Access) -> Response:
    """The list of matters."""
    return page(request, "administration.html", title=N_("管理"), matters=MATTERS)


ROUTES = [Route("/administration", show, methods=["GET"], name="administration")]
