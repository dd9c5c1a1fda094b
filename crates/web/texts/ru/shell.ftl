shell-skip = Перейти к содержанию
shell-languages = Языки
shell-navigation = Страницы
shell-home = Главная страница
shell-log = Публичный журнал
shell-sign-in = Войти
