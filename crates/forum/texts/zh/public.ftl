
pub-calls-title = 征集
pub-calls-lead = 秘书处征求什么意见，收到了哪些答复。这里的内容无需登录即可阅读。
pub-calls-open = 正在进行
pub-calls-coming = 即将开始
pub-calls-closed = 已截止
pub-calls-awaiting = 等待审议
pub-calls-awaiting-note = 在会议处理完所收到的答复之前，征集一直列在这里。
pub-calls-none = 目前没有。
pub-calls-feed = 通过订阅源关注（Atom）

pub-opens = 开始
pub-opened = 已开始
pub-closes = 截止日期
pub-extension = 原截止日期：{ $old }。{ $on }延期。理由：{ $reason }
pub-reason = 理由
pub-labelled = { $label }：{ $value }
pub-bracketed = （{ $what }）
pub-counted = { $label }（{ $count }）
pub-grace = 在宽限期内稍晚到达的答复仍予接受，并加以标注。
pub-late = 在宽限期内收到
pub-calendar = 将截止日期加入日历

pub-call-audience = 谁可以答复
pub-call-everyone = 任何人
pub-call-limit = 每一方的答复数
pub-call-take-part = 参与
pub-call-how = 可用六种语言中的任何一种填写，草稿会为您保存。用您的钱包签名，或留下电子邮件地址并通过邮件中的链接确认。两种方式都会得到回执。
pub-call-answer = 答复本次征集
pub-call-not-yet = 尚未开始。
pub-call-over = 已不再接受答复。
pub-call-questions = 问题
pub-required = 必答
pub-call-documents = 文件
pub-call-circular = 依据通函开启
pub-call-agenda = 审议该事项的议程项目
pub-call-contact = 联系方式
pub-call-answers = 答复
pub-call-so-far =
    { $n ->
       *[other] 目前已收到 { $n } 份答复。
    }
pub-call-received =
    { $n ->
       *[other] 共收到 { $n } 份答复。
    }
pub-call-read = 阅读答复
pub-history = 历史记录

pub-original = 原文
pub-translation = 译文
pub-languages = 本文语言版本
pub-stale = 此译文完成后，原文已有改动。

pub-circular = 通函
pub-circulars-title = 通函列表
pub-circular-date = 发出日期
pub-circular-to = 致
pub-circular-copies = 抄送
pub-circular-by = 签署人
pub-circular-opens = 本通函开启的征集
pub-circular-amended = 由以下通函修订
pub-circular-amends = 修订以下通函
pub-circular-annexes = 附件
pub-circular-print = 如需以纸质或文件形式保存，请打印本页：版式已为此准备。

pub-answers-title = 收到的答复
pub-answers-to = 对以下征集的答复
pub-sum-title = 统计
pub-sum-received = 收到
pub-sum-published = 公布
pub-sum-counted = 计入但不公布
pub-sum-waiting = 尚未决定
pub-sum-withheld = 未公布（附理由）
pub-sum-inadmissible = 未接纳（附理由）
pub-sum-superseded = 被后来的答复取代
pub-sum-withdrawn = 由作者撤回
pub-sum-note = 没有遗漏：以下各行之和等于第一行。
pub-filter = 筛选答复
pub-filter-class = 参与方类别
pub-filter-region = 区域
pub-filter-country = 国家
pub-filter-language = 语言
pub-filter-question = 已答问题
pub-filter-all = 全部
pub-filter-apply = 显示
pub-filter-clear = 显示全部答复
pub-found =
    { $n ->
       *[other] { $n } 份答复
    }
pub-none-match = 没有符合所选条件的答复。
pub-next = 后面的答复
pub-first = 回到最前面的答复
pub-take-away = 以文件形式获取
pub-sealed = 这些答复处于密封状态，截止后方可阅读。
pub-awaits = 征集已截止。秘书处公布后，答复将显示在这里。

pub-sub-call = 所答复的征集
pub-sub-received = 收到时间
pub-sub-language = 所用语言
pub-sub-summary = 摘要
pub-sub-not-answered = 未作答
pub-sub-vouched = 如何证实来源
pub-vouched-mandate = 由持有该方授权证明的人用钱包签名。签名所覆盖的正是本页的答复。
pub-vouched-participant = 凭参与者凭证用钱包签名。该凭证不说明此人是谁；签名所覆盖的正是本页的答复。
pub-vouched-unsigned = 未签名。有人通过发送到电子邮件地址的链接作了确认；无法证明其身份或所代表的一方。
pub-vouched-paper = 以纸质方式收到，由秘书处录入并保存扫描件。
pub-sub-proof = 回执与证明
pub-sub-proof-note = 任何人都可以凭此自行核实：该答复已记入公开日志且未被更改，无需我们参与。
pub-sub-original = 收到时的原始答复（JSON）
pub-sub-replaces = 取代
pub-sub-replaced = 已被以下答复取代
pub-sub-back = 本次征集的全部答复
