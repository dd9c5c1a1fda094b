format-date-time = { $date } a las { $time } ({ $zone })
format-zone = hora de { $city }, { $offset }
format-with-zone = { $said } ({ $zone })
format-by-end-of-day = antes de que termine el { $date }
format-before = antes del { $date }
format-at-latest-by = a más tardar el { $date }
format-deadline = fecha límite: { $date }
format-until = hasta las { $time } del { $date }
format-days = { $n ->
    [one] { $n } día
   *[other] { $n } días
}
format-hours = { $n ->
    [one] { $n } hora
   *[other] { $n } horas
}
format-minutes = { $n ->
    [one] { $n } minuto
   *[other] { $n } minutos
}
format-quarter = { $quarter ->
    [a1] primer trimestre de { $year }
    [a2] segundo trimestre de { $year }
    [a3] tercer trimestre de { $year }
   *[a4] cuarto trimestre de { $year }
}
format-half = { $half ->
    [a1] primer semestre de { $year }
   *[a2] segundo semestre de { $year }
}
format-kilobytes = { $n } kB
format-megabytes = { $n } MB
