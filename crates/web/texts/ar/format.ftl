format-date-time = { $date }، الساعة { $time } ({ $zone })
format-zone = بتوقيت { $city }، { $offset }
format-with-zone = { $said } ({ $zone })
format-by-end-of-day = قبل نهاية يوم { $date }
format-before = قبل { $date }
format-at-latest-by = في موعد أقصاه { $date }
format-deadline = الموعد النهائي: { $date }
format-until = حتى الساعة { $time } من يوم { $date }
format-days = { $n ->
    [zero] { $n } يوم
    [one] يوم واحد
    [two] يومان
    [few] { $n } أيام
    [many] { $n } يومًا
   *[other] { $n } يوم
}
format-hours = { $n ->
    [zero] { $n } ساعة
    [one] ساعة واحدة
    [two] ساعتان
    [few] { $n } ساعات
    [many] { $n } ساعة
   *[other] { $n } ساعة
}
format-minutes = { $n ->
    [zero] { $n } دقيقة
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $n } دقائق
    [many] { $n } دقيقة
   *[other] { $n } دقيقة
}
format-quarter = { $quarter ->
    [a1] الربع الأول من عام { $year }
    [a2] الربع الثاني من عام { $year }
    [a3] الربع الثالث من عام { $year }
   *[a4] الربع الرابع من عام { $year }
}
format-half = { $half ->
    [a1] النصف الأول من عام { $year }
   *[a2] النصف الثاني من عام { $year }
}
format-kilobytes = { $n } كيلوبايت
format-megabytes = { $n } ميغابايت
