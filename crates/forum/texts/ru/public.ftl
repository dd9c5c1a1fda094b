
pub-calls-title = Приглашения высказаться
pub-calls-lead = О чём спрашивает секретариат и что ему ответили. Читать здесь можно всё, не входя в систему.
pub-calls-open = Открыты сейчас
pub-calls-coming = Скоро откроются
pub-calls-closed = Закрыты
pub-calls-awaiting = Ожидают рассмотрения
pub-calls-awaiting-note = Приглашение остаётся здесь, пока ответы на него не рассмотрит собрание.
pub-calls-none = Сейчас таких нет.
pub-calls-feed = Следить по ленте (Atom)

pub-opens = Открывается
pub-opened = Открылось
pub-closes = Предельный срок
pub-extension = Прежний срок: { $old }. Продлён { $on }. Причина: { $reason }
pub-reason = Причина
pub-labelled = { $label }: { $value }
pub-bracketed = ({ $what })
pub-counted = { $label } ({ $count })
pub-grace = Ответ, пришедший с небольшим опозданием, в льготный срок, принимается с пометкой.
pub-late = Пришёл в льготный срок
pub-calendar = Добавить срок в календарь

pub-call-audience = Кто может ответить
pub-call-everyone = Все желающие
pub-call-limit = Ответов от одной стороны
pub-call-take-part = Принять участие
pub-call-how = Пишите на любом из шести языков; черновик сохранится. Подпишите ответ кошельком или оставьте адрес электронной почты и подтвердите ответ по ссылке из письма. В обоих случаях вы получите расписку.
pub-call-answer = Ответить на это приглашение
pub-call-not-yet = Приём ответов ещё не начался.
pub-call-over = Ответы больше не принимаются.
pub-call-questions = Вопросы
pub-required = ответ обязателен
pub-call-documents = Документы
pub-call-circular = Открыто циркуляром
pub-call-agenda = Пункт повестки дня, где рассматривается
pub-call-contact = Контакт
pub-call-answers = Ответы
pub-call-so-far =
    { $n ->
        [one] Пока получен { $n } ответ.
        [few] Пока получено { $n } ответа.
        [many] Пока получено { $n } ответов.
       *[other] Пока получено { $n } ответа.
    }
pub-call-received =
    { $n ->
        [one] Получен { $n } ответ.
        [few] Получено { $n } ответа.
        [many] Получено { $n } ответов.
       *[other] Получено { $n } ответа.
    }
pub-call-read = Читать ответы
pub-history = История

pub-original = оригинал
pub-translation = перевод
pub-languages = Языки этого текста
pub-stale = После этого перевода оригинал был изменён.

pub-circular = Циркуляр
pub-circulars-title = Циркуляры
pub-circular-date = Дата отправки
pub-circular-to = Кому
pub-circular-copies = Копии
pub-circular-by = Подпись
pub-circular-opens = Приглашения, открытые этим циркуляром
pub-circular-amended = Изменён циркуляром
pub-circular-amends = Изменяет
pub-circular-annexes = Приложения
pub-circular-print = Чтобы сохранить текст на бумаге или файлом, распечатайте страницу: она для этого подготовлена.

pub-answers-title = Полученные ответы
pub-answers-to = Ответы на приглашение
pub-sum-title = Подсчёт
pub-sum-received = Получено
pub-sum-published = Опубликовано
pub-sum-counted = Учтено без публикации
pub-sum-waiting = Решение ещё не принято
pub-sum-withheld = Не опубликовано, с указанием причины
pub-sum-inadmissible = Не принято, с указанием причины
pub-sum-superseded = Заменено более поздним ответом
pub-sum-withdrawn = Отозвано авторами
pub-sum-note = Ничего не пропущено: остальные строки в сумме дают первую.
pub-filter = Отобрать ответы
pub-filter-class = Категория стороны
pub-filter-region = Регион
pub-filter-country = Страна
pub-filter-language = Язык
pub-filter-question = Ответ на вопрос
pub-filter-all = Любые
pub-filter-apply = Показать
pub-filter-clear = Показать все ответы
pub-found =
    { $n ->
        [one] { $n } ответ
        [few] { $n } ответа
        [many] { $n } ответов
       *[other] { $n } ответа
    }
pub-none-match = Под этот отбор не подходит ни один ответ.
pub-next = Следующие ответы
pub-first = Вернуться к первым ответам
pub-take-away = То же в виде файла
pub-sealed = Эти ответы запечатаны. Прочитать их можно будет после закрытия приёма.
pub-awaits = Приём закрыт. Ответы появятся здесь, когда секретариат их опубликует.

pub-sub-call = В ответ на
pub-sub-received = Получен
pub-sub-language = Язык ответа
pub-sub-summary = Краткое изложение
pub-sub-not-answered = Без ответа
pub-sub-vouched = Чем подтверждён
pub-vouched-mandate = Подписан кошельком лица, имеющего полномочия от этой стороны. Подпись относится именно к ответам на этой странице.
pub-vouched-participant = Подписан кошельком по карточке участника. Карточка не сообщает, кто этот человек; подпись относится именно к ответам на этой странице.
pub-vouched-unsigned = Без подписи. Кто-то подтвердил ответ по ссылке, присланной на адрес электронной почты; ничто не доказывает, кто это был и от чьего имени.
pub-vouched-paper = Поступил на бумаге. Секретариат внёс текст и хранит скан.
pub-sub-proof = Расписка и доказательство
pub-sub-proof-note = С ними каждый может без нас проверить, что этот ответ есть в публичном журнале и не изменён.
pub-sub-original = Ответ в том виде, в каком он получен (JSON)
pub-sub-replaces = Заменяет
pub-sub-replaced = Заменён ответом
pub-sub-back = Все ответы на это приглашение
