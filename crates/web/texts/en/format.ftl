# Dates, deadlines, sizes. `format-date-time` joins a date, a time of day and a zone.
format-date-time = { $date }, { $time } ({ $zone })
format-zone = { $city } time, { $offset }
format-with-zone = { $said } ({ $zone })
# Deadlines, as they stand within a sentence.
format-by-end-of-day = by the end of { $date }
format-before = before { $date }
format-at-latest-by = on { $date } at the latest
format-deadline = deadline { $date }
format-until = until { $time } on { $date }
format-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
format-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
format-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
format-quarter = { $quarter ->
    [a1] first quarter of { $year }
    [a2] second quarter of { $year }
    [a3] third quarter of { $year }
   *[a4] fourth quarter of { $year }
}
format-half = { $half ->
    [a1] first half of { $year }
   *[a2] second half of { $year }
}
format-kilobytes = { $n } kB
format-megabytes = { $n } MB
