component-optional = (необязательно)
component-wrong = { $n ->
    [one] { $n } ответ нужно проверить
    [few] { $n } ответа нужно проверить
    [many] { $n } ответов нужно проверить
   *[other] { $n } ответа нужно проверить
}
component-wrong-kept = Пока ничего не отправлено. Всё, что вы написали, сохранилось.
component-in-my-zone = Показать в моём часовом поясе
component-exactly = Точно: { $when }
component-yours = Для вас: { $when }
component-left = осталось: { $left }
component-over = Срок истёк
component-pages = Страницы списка
component-previous = Предыдущая
component-next = Следующая
component-place = Страница { NUMBER($page) } из { NUMBER($pages) }
component-way = Путь к этой странице
component-steps = Шаги
