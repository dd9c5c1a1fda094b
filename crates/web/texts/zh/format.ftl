format-date-time = { $date } { $time }（{ $zone }）
format-zone = { $city }时间，{ $offset }
format-with-zone = { $said }（{ $zone }）
format-by-end-of-day = { $date }结束前
format-before = { $date }之前
format-at-latest-by = 最迟于{ $date }
format-deadline = 截止日期：{ $date }
format-until = { $date } { $time } 之前
format-days = { $n ->
   *[other] { $n } 天
}
format-hours = { $n ->
   *[other] { $n } 小时
}
format-minutes = { $n ->
   *[other] { $n } 分钟
}
format-quarter = { $quarter ->
    [a1] { $year }年第一季度
    [a2] { $year }年第二季度
    [a3] { $year }年第三季度
   *[a4] { $year }年第四季度
}
format-half = { $half ->
    [a1] { $year }年上半年
   *[a2] { $year }年下半年
}
format-kilobytes = { $n } 千字节
format-megabytes = { $n } 兆字节
