format-date-time = { $date } à { $time } ({ $zone })
format-zone = heure de { $city }, { $offset }
format-with-zone = { $said } ({ $zone })
format-by-end-of-day = avant la fin de la journée du { $date }
format-before = avant le { $date }
format-at-latest-by = au plus tard le { $date }
format-deadline = date limite : { $date }
format-until = jusqu’au { $date } à { $time }
format-days = { $n ->
    [one] { $n } jour
   *[other] { $n } jours
}
format-hours = { $n ->
    [one] { $n } heure
   *[other] { $n } heures
}
format-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
format-quarter = { $quarter ->
    [a1] premier trimestre { $year }
    [a2] deuxième trimestre { $year }
    [a3] troisième trimestre { $year }
   *[a4] quatrième trimestre { $year }
}
format-half = { $half ->
    [a1] premier semestre { $year }
   *[a2] second semestre { $year }
}
format-kilobytes = { $n } ko
format-megabytes = { $n } Mo
