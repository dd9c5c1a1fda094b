format-date-time = { $date } в { $time } ({ $zone })
format-zone = местное время: { $city }, { $offset }
format-with-zone = { $said } ({ $zone })
format-by-end-of-day = до конца дня { $date }
format-before = ранее { $date }
format-at-latest-by = не позднее { $date }
format-deadline = предельный срок: { $date }
format-until = до { $time } { $date }
format-days = { $n ->
    [one] { $n } день
    [few] { $n } дня
    [many] { $n } дней
   *[other] { $n } дня
}
format-hours = { $n ->
    [one] { $n } час
    [few] { $n } часа
    [many] { $n } часов
   *[other] { $n } часа
}
format-minutes = { $n ->
    [one] { $n } минута
    [few] { $n } минуты
    [many] { $n } минут
   *[other] { $n } минуты
}
format-quarter = { $quarter ->
    [a1] первый квартал { $year } года
    [a2] второй квартал { $year } года
    [a3] третий квартал { $year } года
   *[a4] четвёртый квартал { $year } года
}
format-half = { $half ->
    [a1] первое полугодие { $year } года
   *[a2] второе полугодие { $year } года
}
format-kilobytes = { $n } кБ
format-megabytes = { $n } МБ
