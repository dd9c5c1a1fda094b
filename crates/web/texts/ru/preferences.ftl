preferences-title = Ваш часовой пояс
preferences-lead = Сроки показываются в часовом поясе того, кто их назначил, по UTC и в вашем поясе.
preferences-zone = Часовой пояс
preferences-zone-help = Выбор хранится в вашем браузере и больше нигде.
preferences-none = Без своего пояса
preferences-keep = Использовать этот пояс
