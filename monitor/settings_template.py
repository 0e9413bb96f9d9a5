"""The commented ``nianbao.toml`` that `nianbao init` writes: every setting with its default and what it does.

Each setting stands as a comment, so that a later default takes effect where nothing was chosen here.
"""

TEMPLATE = """\
# Nianbao 配置文件（TOML）。每一项都列出了默认值；要改动时去掉行首的“# ”再改。
# 任何一项也可以用环境变量给出：NIANBAO_<节>__<名>，例如 NIANBAO_STORE__DATABASE；环境变量优先于本文件。
# 相对路径以本文件所在目录为准。时间为 ISO 8601，不带时区的按北京时间（Asia/Shanghai）。

[store]  # 数据存放
# 数据库地址（SQLAlchemy 写法）。
# database = "sqlite:///var/nianbao.sqlite"    # 或 "postgresql://用户:密码@主机/数据库"，见 docs/database.md
# 抓取原件的归档目录：按内容摘要存放，只增不改。
# captures = "var/captures"
# 原件正文可以改存 S3 兼容的对象存储：s3://桶/前缀（要先装 script/setup --s3；采集记录和锁仍在 captures 目录）。
# bodies = ""
# 存储服务的地址，例如 "https://s3.example.org"；空为 AWS。
# bodies_endpoint = ""
# 密钥文件（AWS 工具的写法：[default] 下 aws_access_key_id 和 aws_secret_access_key）；
# 不写则用环境变量 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY。
# bodies_key_file = "/etc/nianbao/store-key"
# 桶名写在路径里（path）还是主机名里（host；阿里云 OSS 等要求）。
# bodies_naming = "path"

[crawl]  # 访问门户
# 门户定义所在目录，每个门户一个 YAML 文件。
# portals = "portals"
# 同一主机两次请求之间的间隔（秒）。
# request_interval = 1.0
# 表明身份的 User-Agent；请换成本单位可供对方联系的网址。
# user_agent = "Nianbao/0.1 (+https://example.org/nianbao; disclosure-report monitor)"
# 联系邮箱，随请求以 From 头发出；空则不发。
# contact = ""
# 同时抓取的门户数（1–1000）；由每个处理器一个进程分担，同一主机上的门户总是轮流访问。
# portals_at_once = 40
# 一个门户一轮抓取最长多少秒，超过记为 timed_out。
# run_seconds = 3600
# 一次请求最长多少秒。
# request_seconds = 30
# 单个文件的最大字节数，超过不取。
# largest_document = 67108864
# 遵守 robots.txt。
# obey_robots = true
# 允许访问内网地址（仅演示和试验时打开）。
# allow_private_addresses = false
# 每隔几天抓取一轮，用于判断数据是否过旧：由 cron 等定时运行时填写；nianbao serve 按 [schedule] seasons，不用填。
# interval_days = 1
# 门户连续第一、二、三……次被拒绝、连不上、认不出或超时后，隔几天再去（末项用于以后各次；空表示每轮都去）。
# backoff_days = [0, 0, 2, 4, 7]
# 任何单位的公布期限前后这么多天内，最多隔一天。
# backoff_near_due_days = 21
# 旧年报：列表中的条目没有变化时，每隔几天重新核对一次原文（0 表示每轮都核对）。新出现或新改动的，以及年报季中
# 最新年度的，每轮都核对；crawl --full 一律核对。
# recheck_days = 180

[parse]  # 识读文件
# 一个文件最长多少秒，超过即放弃；扫描件、图片、PDF、OFD 和压缩包另有一个时限。
# seconds = 30
# scan_seconds = 120
# 一个文件最多占用多少内存（MB）；扫描件等另有一个上限。
# memory_megabytes = 1024
# scan_memory_megabytes = 2048
# 同时识读的进程数；0 表示每个处理器一个。
# processes = 0

[watch]  # 监测范围
# 监测的报告年度，例如 [2022, 2023]；空表示由程序按当前日期取最近的年度。
# years = []
# 自定义期限规则文件（YAML，加在内置规则之上），注明来源和适用年度。
# due_rules = "due_rules.yaml"
# 期限过后，栏目要在几个不同的日子完整采集过、都没有报告，才算未公布（至少 2）。
# missing_days = 2
# 公布过的报告要连续几轮完整采集都不见了，才算被撤下（至少 1）。
# removed_passes = 2
# 看门狗（nianbao watchdog）：一个环节多少小时没有顺利完成算停顿；不设则为应有的间隔再加 12 小时。
# silent_hours = 36
# 一条消息多少小时没有送到算停顿。
# undelivered_hours = 24
# 看门狗在这里记下今天已告知了什么。
# watchdog_file = "var/watchdog.json"
# 心跳：每次主任务结束后改写这个文件，并（如有设置）请求这个网址，供外部系统判断主任务是否还在运行。
# heartbeat_file = "var/heartbeat.json"
# heartbeat_url = ""
# heartbeat_method = "POST"
# heartbeat_allow_private_addresses = false

[watch.counties]  # 个别县区另定年度：县级代码 = [年度, …]
# 410526 = [2021, 2022, 2023]

[mail]  # 发信服务器；host 为空则不能发邮件
# host = ""
# port = 25
# 发件人地址。
# sender = ""
# user = ""
# 密码；更稳妥的是放在文件里（password_file）或用环境变量 NIANBAO_MAIL__PASSWORD。
# password = ""
# password_file = "mail-password.txt"
# 加密方式：none、starttls 或 tls。
# security = "none"
# 一次连接最长多少秒。
# seconds = 20
# 用户可以用哪些域名的邮箱在网页上订阅县区汇总；空表示不开放订阅。
# subscribers = ["example.gov.cn"]

[notify]  # 送达：失败后隔一段时间再试，间隔从短到长
# 第一次尝试之后最多试多少小时，之后放弃并显示出来。
# give_up_after_hours = 72
# 最多尝试几次；不设则只看时间。
# attempts = 20
# first_pause_seconds = 60
# longest_pause_seconds = 21600
# 工作日年份文件（YAML）：国务院放假通知公布后、程序更新之前，可自己写上，例如 2027: {rest: […], work: […]}。
# working_days = "working_days.yaml"

# 每个 [[notify.channels]] 是一个收件方：邮件（mail）、Webhook（webhook）或聊天群机器人（chat）。
# 详见 docs/alerts.md。
# 告知谁：audience 为 oversight（公开主管部门，报告本身的问题）或
# operator（运维人员，我们没有看到、读不了的问题）；
# counties 为县级、市级、省级代码（六位、四位、两位），空表示全部；kinds 为提醒的种类，空表示各类；
# severities 可选 error、warning。
# 何时告知：schedule 为 at_once（立即）、daily（每天 at 时刻汇总）或 weekly（每周 weekday 那天汇总，1 为周一）；
# errors_at_once 为 true 时，错误一级不等汇总；
# quiet_hours 为免打扰时段，例如 "22:00-07:00"，其间的留到时段结束；
# working_days_only 为 true 时只在工作日发。
# 怎样告知：group_by 为 all（合成一条）、county（每县一条）或 report（每份报告一条）；
# most_items 为一条中最多列几项，其余计数（邮件、Webhook 默认 200，聊天 10）；language 为 zh 或 en。
# 升级：设了 escalation_after_days 的收件方，只收到开列满这么多天仍未解决的事项。
# [[notify.channels]]
# name = "office"
# kind = "mail"
# audience = "oversight"
# counties = []
# kinds = []
# severities = ["error", "warning"]
# language = "zh"
# to = ["office@example.org"]
# schedule = "at_once"
# at = "08:30"
# weekday = 1
# errors_at_once = false
# quiet_hours = ""
# working_days_only = false
# group_by = "all"
# most_items = 200
#
# [[notify.channels]]
# name = "operators"
# kind = "webhook"
# audience = "operator"
# address = "https://hooks.example.org/nianbao"
# secret = "whsec_…"
# allow_private_addresses = false
#
# [[notify.channels]]
# name = "chief"
# kind = "chat"
# kinds = ["missing"]
# escalation_after_days = 30
# address_file = "chief-chat-address.txt"

[web]  # 网页：nianbao serve 提供
# 收信人打开网页用的地址，例如 "https://nianbao.example.org"；空则邮件中不带链接。
# address = ""
# 在本机哪个地址、哪个端口上监听；给别的机器用时请放在反向代理之后。
# host = "127.0.0.1"
# port = 8470
# 签名密钥（至少 32 个字符），也可用环境变量 NIANBAO_WEB__SECRET；空则用下面的文件，没有时自动生成（权限 600）。
# secret = ""
# secret_file = "var/web-secret"
# 邮件中的链接几天后失效。
# link_days = 30
# 监控系统读 /metrics 时要出示的令牌（至少 32 个字符），也可用环境变量 NIANBAO_WEB__METRICS_TOKEN；
# 空则只有本机可读（经反向代理转来的不算本机）。
# metrics_token = ""
# 接口 /api/v1：每个令牌每分钟最多请求几次；0 为不限。
# api_requests_per_minute = 600
# 反向代理的地址或网段：只有从它们转来的请求才看 X-Forwarded-For，据此分清来访者（登录试错按来访者限制）。
# 代理须自己写这个头，不能照转来访者写的；没有代理时写 []。
# proxies = ["127.0.0.1", "::1"]

[sign_on]  # 单位统一登录（OpenID Connect）；issuer 空则没有，用户名和密码照常可用
# 发行者地址，与登录服务公布的一字不差；须同时在 [web] address 写明本站地址。
# 在登录服务登记的回调地址：本站地址加 /sign-on/back。
# issuer = ""
# client_id = ""
# 密钥也可用环境变量 NIANBAO_SIGN_ON__CLIENT_SECRET，或放在文件里。
# client_secret = ""
# client_secret_file = "sign-on-secret.txt"
# 按钮上的字；空则为“单位统一登录”。
# label = ""
# 身份令牌中哪一项是这里的用户名；用 email 时须由登录服务核实过（email_verified），scopes 中加上 "email"。
# user_claim = "preferred_username"
# scopes = ["openid", "profile"]
# 身份令牌可用的签名算法。
# algorithms = ["RS256", "ES256"]
# 登录服务在内网时设为 true；否则只连公网地址。
# allow_private_addresses = false

[schedule]  # nianbao serve 何时做什么
# 何时解析、检查、送达：crontab 五段式（分 时 日 月 周，周写 mon 到 sun），北京时间。
# main_job = "30 6 * * *"
# 两次主任务之间，何时重试没有送到的消息。
# delivery = "*/10 * * * *"
# 何时查看各环节是否停顿（看门狗）。
# watchdog = "20 * * * *"
# 何时访问门户：内置的是一至三月每天、其余每周、期限前几天每小时；要改时复制 monitor/jobs/seasons.yaml 再改。
# seasons = "seasons.yaml"
# 数据库为 PostgreSQL 时，本机开几个工作进程（0 为不开，由别的机器上的 nianbao worker 做），每个同时做几个任务。
# workers = 1
# jobs_at_once = 4
# 做任务的进程不见了多少秒后，由别的进程接着做。
# lost_seconds = 30

[retention]  # 保留期限：几天之后可由 nianbao prune 清除；不设即永久保留
# 栏目列表页的原件（报告原件、依据所在的列表页永久保留）；至少 90。
# list_pages_days = 400
# 什么新内容都没有取到的采集记录文件（数据库中的采集记录保留）；至少 90。
# run_logs_days = 400
# 留存的公布情况报表（各县区、年度最近的一份永久保留）；至少 30。
# completeness_days = 400
# 已送达或已放弃的消息（未解决的提醒的消息保留）；至少 90。
# messages_days = 400
# 已结束的任务；至少 7。
# jobs_days = 90

[log]  # 日志（写到标准错误）
# 格式：text（文字）或 json（每行一个 JSON 对象，供日志系统收集；给人看的错误信息也在其中）。
# format = "text"
# 从哪一级起记：debug、info、warning 或 error；--verbose 时至少从 info 起。
# level = "warning"

[people]  # 与人说话
# 命令行和报表的语言：zh 或 en。
# language = "zh"

[clock]  # 仅供演示和试验
# 把这一时刻当作现在。
# now = 2024-02-05T09:00:00
"""
