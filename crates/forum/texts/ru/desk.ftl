
desk-title = Рабочий стол секретариата
desk-lead = Что ждёт решения и что можно сделать дальше. Приём открывается и закрывается по часам; вручную этого никто не делает.
desk-new-call = Новое приглашение
desk-new-circular = Новый циркуляр
desk-waiting =
    { $n ->
        [one] { $n } ответ ждёт решения
        [few] { $n } ответа ждут решения
        [many] { $n } ответов ждут решения
       *[other] { $n } ответа ждут решения
    }
desk-back = Назад к рабочему столу
desk-more-calls = Более ранние приглашения
desk-see-public = Посмотреть, как видят все

desk-kind = Что запрашивается
desk-original = Язык оригинала
desk-languages-help = Напишите оригинал; другие языки можно добавить позже. Где перевода нет, показывается оригинал.
desk-symbol = Условное обозначение
desk-symbol-help = Коротко и только один раз: латинские буквы, цифры, дефисы. Из него получается адрес.
desk-name = Название
desk-subject = Предмет
desk-text = Текст
desk-about = О чём речь
desk-signatory = Кто подписывает (имя и должность)
desk-state = Состояние
desk-dated = Дата циркуляра
desk-addressees = Кому адресован
desk-copies = Копии, по одной на строке
desk-contact = Контактный адрес, видимый всем
desk-circular = Обозначение циркуляра, которым открывается
desk-amends = Обозначение изменяемого циркуляра
desk-opens = Открытие (дата и время)
desk-opens-time = Время открытия (14:30)
desk-closes = Последний день приёма ответов
desk-closes-help = Приём заканчивается с окончанием этого дня в часовом поясе организатора.
desk-zone = Часовой пояс организатора
desk-grace = Льготный срок, в минутах
desk-limit = Сколько ответов может дать одна сторона
desk-modify = Последний день, когда ответ можно заменить или отозвать
desk-modify-help = Если не указано: пока принимаются ответы.
desk-modify-stays = Если не указано, день не меняется. Перенести его можно только на более поздний.
desk-policy = Что публикуется и когда
desk-audience = Кто может отвечать (если ничего не выбрано, все)

desk-question-add = Добавить вопрос
desk-question-edit = Изменить этот вопрос
desk-question-remove = Убрать этот вопрос
desk-question-label = Вопрос
desk-question-help = Пояснение
desk-question-kind = Вид ответа
desk-question-required = Ответ обязателен
desk-question-up = Переместить выше
desk-question-max = Не больше знаков
desk-question-count = Не больше вариантов или файлов в одном ответе
desk-question-options = Варианты, по одному на строке
desk-kind-text = Одна строка
desk-kind-long-text = Длинный текст
desk-kind-choice = Один из вариантов
desk-kind-choices = Несколько вариантов
desk-kind-file = Файл
desk-kind-amount = Денежная сумма
desk-kind-country = Страна
desk-kind-person = Лицо

desk-template-about = Мы просим высказаться всех, кого это касается. Все ответы публикуются, а их обзор представляется собранию.
desk-template-circular = Просим всех, кому адресован этот циркуляр, ответить на открываемое им приглашение. Вопросы, предельный срок и способы ответа указаны на странице приглашения. Отвечать можно на любом из шести языков.
desk-template-q1 = Какие возможности и какие трудности вы видите?
desk-template-q2 = Что следует сделать и кому?
desk-template-q3 = Документы, подтверждающие ваш ответ

desk-change = Изменить черновик
desk-save = Сохранить
desk-preview = Предварительный просмотр
desk-send = Отправить циркуляр
desk-send-note = Отправку нельзя отменить: циркуляр публикуется, рассылается адресатам и вносится в публичный журнал.
desk-schedule = Объявить приглашение
desk-schedule-note = После этого вопросы изменить нельзя, а срок можно только продлить.
desk-extend = Продлить срок
desk-publish = Опубликовать ответы
desk-publish-note = Публикуются все принятые ответы; непринятые и неопубликованные учитываются с указанием причин.
desk-withdraw = Отозвать приглашение
desk-annul = Аннулировать приглашение
desk-consider = Указать пункт повестки дня, где это рассмотрено
desk-paper = Внести ответ, полученный на бумаге
desk-paper-scan = Скан документа (PDF, PNG или JPEG)
desk-paper-help = Скан хранится вместе с ответом. Ответ считается полученным в момент внесения, поэтому внесите его до окончания приёма.
desk-paper-party = Название стороны
desk-admit = Принять
desk-refuse = Не принимать
desk-withhold = Не публиковать
desk-withdraw-answer = Отозвать по просьбе стороны
desk-reason-help = Её сможет прочитать каждый, и она сохранится.
desk-answers = Ответы, ожидающие решения

desk-files-none = Ничего не приложено.
desk-files-note = Когда циркуляр отправлен или приглашение объявлено, эти файлы может скачать каждый; до этого — только секретариат.
desk-file-add = Приложить этот файл
desk-file-size = Размер
desk-file-off = Убрать
desk-translations = Переводы
desk-translations-note = Оригинал здесь не меняется. Если он изменился после перевода, об этом сообщается читателям перевода.
desk-translation-none = Ещё не переведено
desk-translation-partly = Переведено частично
desk-translation-current = Перевод актуален
desk-translation-stale = После перевода оригинал изменился

desk-history-none = Пока ничего не сделано.
desk-history-when = Когда
desk-history-what = Что
desk-history-who = Кто
desk-act-drafted = Создан черновик
desk-act-changed = Изменено
desk-act-translated = Добавлен перевод
desk-act-sent = Отправлено
desk-act-announced = Объявлено
desk-act-extended = Срок продлён
desk-act-withdrawn = Отозвано
desk-act-annulled = Аннулировано
desk-act-published = Ответы опубликованы
desk-act-considered = Рассмотрено на собрании
desk-act-admitted = Принят
desk-act-refused = Не принят
desk-act-withheld = Не опубликован
desk-act-opened = Приём открыт
desk-act-closed = Приём закрыт
desk-act-recorded = Внесён с бумаги
desk-act-added = Адресаты добавлены
desk-act-removed = Адресат удалён

desk-wrong-empty = Заполните это поле.
desk-wrong-symbol = Латинские буквы, цифры и дефисы, не больше 40.
desk-wrong-taken = Это обозначение уже занято.
desk-wrong-date = Укажите дату, например 2026-11-28.
desk-wrong-number = Укажите целое число.
desk-wrong-later = Срок можно только продлить.
desk-wrong-order = Срок должен быть позже открытия.
desk-wrong-modify = Этот день должен быть позже открытия, не раньше прежнего дня и не позже окончания приёма.
desk-wrong-too-long = Слишком длинно.
desk-wrong-characters = В тексте есть невидимые знаки или знаки, меняющие направление письма. Наберите его заново.
desk-wrong-reference = Такого циркуляра нет.
desk-wrong-zone = Укажите часовой пояс, например Europe/Zurich.
desk-wrong-announced = Приглашение объявлено: даты, порядок публикации и круг участников здесь изменить уже нельзя.
desk-wrong-form = Для выбора нужны хотя бы два разных варианта, каждый на своей строке; в приглашении должен быть хотя бы один вопрос.
desk-done = Сделано, в историю внесена запись.
