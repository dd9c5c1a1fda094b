
desk-title = 秘书处工作台
desk-lead = 等待决定的事项和下一步可做的事。征集的开始与截止由时钟决定，无人手动设置。
desk-new-call = 新建征集
desk-new-circular = 新建通函
desk-waiting =
    { $n ->
       *[other] { $n } 份答复等待决定
    }
desk-back = 返回工作台
desk-see-public = 查看公众看到的页面

desk-original = 原文语言
desk-languages-help = 先写原文，其他语言可以以后补充。缺少某种语言时显示原文。
desk-symbol = 文号
desk-symbol-help = 简短且唯一：字母、数字、连字符。它将成为网址的一部分。
desk-name = 标题
desk-subject = 事由
desk-text = 正文
desk-about = 内容说明
desk-signatory = 签署人（姓名和职务）
desk-addressees = 收件方
desk-copies = 抄送（每行一个）
desk-contact = 对外公布的联系地址
desk-circular = 开启该征集的通函文号
desk-amends = 所修订通函的文号
desk-opens = 开始（日期和时间）
desk-closes = 答复的最后一天
desk-closes-help = 按主办方时区，于该日结束时截止。
desk-zone = 主办方时区
desk-grace = 宽限期（分钟）
desk-limit = 每一方可提交的答复数
desk-policy = 公布内容和时间
desk-audience = 谁可以答复（不选即为任何人）

desk-question-add = 添加问题
desk-question-edit = 修改此问题
desk-question-remove = 删除此问题
desk-question-label = 问题
desk-question-help = 说明
desk-question-kind = 答案类型
desk-question-required = 必须作答
desk-question-options = 选项，每行一个（用原文语言）
desk-kind-text = 单行文字
desk-kind-long-text = 长文本
desk-kind-choice = 单选
desk-kind-choices = 多选
desk-kind-file = 文件
desk-kind-amount = 金额
desk-kind-country = 国家
desk-kind-person = 人员

desk-template-name = 关于……的公开磋商
desk-template-about = 我们向所有相关方征求意见。全部答复均予公布，综述将提交会议。
desk-template-q1 = 您看到哪些机遇和困难？
desk-template-q2 = 应当采取什么行动，由谁来采取？
desk-template-q3 = 支持您答复的文件

desk-save = 保存
desk-preview = 预览
desk-send = 发出此通函
desk-send-note = 发出后无法撤销：通函将公布、以邮件发送给收件方并记入公开日志。
desk-schedule = 发布此征集
desk-schedule-note = 此后问题不可更改，截止日期只能推迟。
desk-extend = 推迟截止日期
desk-publish = 公布答复
desk-publish-note = 公布所有已接纳的答复；未公布或未接纳的答复计入统计并附理由。
desk-withdraw = 撤回此征集
desk-annul = 作废此征集
desk-consider = 记录审议该事项的议程项目
desk-paper = 录入纸质答复
desk-paper-scan = 纸质文件扫描件（PDF、PNG 或 JPEG）
desk-paper-party = 参与方名称
desk-admit = 接纳
desk-refuse = 不予接纳
desk-withhold = 不予公布
desk-reason-help = 所有人都可以看到，并会保存。
desk-answers = 待决定的答复

desk-history-none = 尚无任何操作。
desk-history-when = 时间
desk-history-what = 事项
desk-history-who = 操作人

desk-wrong = 未保存任何内容。请检查标出的字段。
desk-wrong-empty = 请在此填写。
desk-wrong-symbol = 请使用字母、数字和连字符，最多 40 个。
desk-wrong-taken = 此文号已被使用。
desk-wrong-date = 请填写日期，例如 2026-11-28。
desk-wrong-number = 请填写整数。
desk-wrong-later = 截止日期只能推迟。
desk-wrong-order = 截止日期必须晚于开始时间。
desk-wrong-too-long = 内容过长。
desk-wrong-reference = 没有此通函。
desk-wrong-state = 情况已发生变化，此操作不再可行。
desk-done = 已完成，见下方历史记录。
