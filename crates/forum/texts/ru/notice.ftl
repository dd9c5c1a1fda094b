## Что говорится в письмах и о письмах

notice-circular-subject = Циркуляр { $symbol }: { $subject }
notice-circular-lead = { $party } направляет вам циркуляр { $symbol }.
notice-circular-read = Чтобы прочитать его на тех языках, на которых он есть, и принять участие:
notice-confirm-subject = Подтвердите свой ответ на { $symbol }
notice-confirm-lead = Кто-то заполнил ответ на «{ $title }» и указал этот адрес. Мы думаем, что это были вы.
notice-confirm-open = Чтобы отправить ответ, откройте эту ссылку и подтвердите его. Он засчитывается с этого момента, не раньше:
notice-confirm-until = Ссылка действует до { $until }.
notice-confirm-not-you = Если это были не вы, ничего не делайте: заполненное будет стёрто.
notice-receipt-subject = Ваш ответ на { $symbol } получен
notice-receipt-lead = Ваш ответ на «{ $title }» получен { $time }.
notice-receipt-page = Расписка находится на этой странице. Сохраните адрес:
notice-receipt-proof = Расписка подписана. Вскоре её заменит доказательство того, что ваш ответ есть в публичном журнале.
notice-extension-subject = { $symbol }: предельный срок продлён
notice-extension-lead = Предельный срок для ответов на «{ $title }» продлён.
notice-extension-now = Теперь: { $deadline }
notice-extension-before = Раньше: { $deadline }
notice-reminder-subject = { $symbol } скоро закрывается
notice-reminder-lead = Приём ответов на «{ $title }» ещё открыт:
notice-reminder-answer = Чтобы ответить или заменить уже отправленный ответ:
notice-publication-subject = { $symbol }: ответы опубликованы
notice-publication-lead = Ответы на «{ $title }» опубликованы.
notice-publication-count = { $n ->
    [one] Получен { NUMBER($n) } ответ.
    [few] Получено { NUMBER($n) } ответа.
    [many] Получено { NUMBER($n) } ответов.
   *[other] Получено { NUMBER($n) } ответа.
}
notice-publication-read = Чтобы прочитать их и проверить без какого-либо сервера:
notice-why-circular = Вы получили это письмо, потому что ваш адрес есть среди тех, на которые рассылаются циркуляры этого рода.
notice-why-part = Вы получили это письмо, потому что этот адрес указал кто-то из участников.
notice-stop = Чтобы больше не получать таких писем:
notice-machine = Это письмо отправлено автоматически. Ответы на него не читаются.

notice-stop-title = Отказ от таких писем
notice-stop-question = Прекратить рассылку циркуляров, напоминаний и новостей на ваш адрес? То, что касается ваших собственных ответов, будет приходить и дальше.
notice-stop-button = Прекратить рассылку
notice-stop-done = На ваш адрес такие письма больше приходить не будут.
notice-stop-unknown = Эта ссылка не наша или она неполна. Скопируйте её из письма целиком.
