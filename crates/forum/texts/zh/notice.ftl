## 邮件中的文字，以及关于邮件的文字

notice-circular-subject = 通函 { $symbol }：{ $subject }
notice-circular-lead = { $party } 向您发送通函 { $symbol }。
notice-circular-read = 阅读通函的各语言文本并参与：
notice-confirm-subject = 请确认您对 { $symbol } 的答复
notice-confirm-lead = 有人填写了对“{ $title }”的答复，并留下了此地址。我们认为是您本人。
notice-confirm-open = 如要发送答复，请打开此链接并确认。答复自确认时起有效，此前无效：
notice-confirm-until = 此链接有效至 { $until }。
notice-confirm-not-you = 如果不是您本人，请不必理会：所填内容将被删除。
notice-receipt-subject = 已收到您对 { $symbol } 的答复
notice-receipt-lead = 您对“{ $title }”的答复已于 { $time } 收到。
notice-receipt-page = 回执在此页面上。请保存该地址：
notice-receipt-proof = 回执已签名。不久后，它将由公开日志的证明取代，以证明您的答复已记入公开日志。
notice-extension-subject = { $symbol }：截止日期已推迟
notice-extension-lead = “{ $title }”的截止日期已推迟。
notice-extension-now = 现为：{ $deadline }
notice-extension-before = 原为：{ $deadline }
notice-reminder-subject = { $symbol } 即将截止
notice-reminder-lead = “{ $title }”仍在征集中：
notice-reminder-answer = 作出答复，或取代已发送的答复：
notice-publication-subject = { $symbol }：答复已公布
notice-publication-lead = 对“{ $title }”的答复已公布。
notice-publication-count = { $n ->
   *[other] 共收到 { NUMBER($n) } 份答复。
}
notice-publication-read = 阅读这些答复，并可不依赖任何服务器自行核验：
notice-why-circular = 您收到此邮件，是因为您的地址在此类通函的发送名单之中。
notice-why-part = 您收到此邮件，是因为参与时提供了此地址。
notice-stop = 如不想再收到此类邮件：
notice-machine = 此邮件由系统自动发送，对它的回复无人阅读。

notice-stop-title = 不再接收此类邮件
notice-stop-question = 是否停止向您的地址发送通函、提醒和消息？与您本人的答复有关的邮件仍会发送。
notice-stop-button = 停止发送
notice-stop-done = 您的地址不会再收到此类邮件。
notice-stop-unknown = 此链接不是我们的链接，或者不完整。请从邮件中完整复制。
