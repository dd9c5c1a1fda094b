
word-class-member-state = Государство-Член
word-class-sector-member = Член Сектора
word-class-associate = Ассоциированный член
word-class-academia = Академическая организация
word-class-igo = Межправительственная организация
word-class-regional-organisation = Региональная организация
word-class-un-agency = Учреждение ООН
word-class-private = Компания
word-class-civil-society = Гражданское общество
word-class-individual = Частное лицо
word-class-observer-state = Государство-наблюдатель

word-region-africa = Африка
word-region-americas = Северная и Южная Америка
word-region-arab-states = Арабские государства
word-region-asia-pacific = Азиатско-Тихоокеанский регион
word-region-cis = Содружество Независимых Государств
word-region-europe = Европа

word-kind-nomination = Выдвижение кандидатуры
word-kind-candidature = Кандидатура
word-kind-comment = Замечания
word-kind-contribution = Вклады
word-kind-consultation = Открытая консультация
word-kind-interest = Выражение заинтересованности
word-kind-pledge = Обязательства
word-kind-registration = Регистрация
word-kind-entry = Заявки
word-kind-needs = Потребности

word-call-draft = Черновик
word-call-scheduled = Скоро откроется
word-call-open = Открыто
word-call-grace = Срок истёк, приём ещё идёт
word-call-closed = Закрыто
word-call-published = Ответы опубликованы
word-call-considered = Рассмотрено
word-call-withdrawn = Отозвано до открытия
word-call-annulled = Аннулировано

word-submission-received = Получен
word-submission-admissible = Принят
word-submission-inadmissible = Не принят
word-submission-published = Опубликован
word-submission-counted = Учтён без публикации
word-submission-withheld = Не опубликован
word-submission-superseded = Заменён
word-submission-withdrawn = Отозван

word-standing-mandate = Подписан по полномочиям
word-standing-participant = Подписан участником
word-standing-unsigned = Без подписи
word-standing-paper = Получен на бумаге

word-policy-at-once = Ответы публикуются по мере поступления.
word-policy-at-close = Ответы публикуются после предельного срока.
word-policy-sealed = До предельного срока ответы запечатаны. До этого показывается только их число.
word-policy-never = Ответы не публикуются. Публикуется их число.

word-lang-ar = арабский
word-lang-zh = китайский
word-lang-en = английский
word-lang-fr = французский
word-lang-ru = русский
word-lang-es = испанский
