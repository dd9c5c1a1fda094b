component-optional = (اختياري)
component-wrong = { $n ->
    [zero] لا إجابات تحتاج إلى مراجعة
    [one] إجابة واحدة تحتاج إلى مراجعة
    [two] إجابتان تحتاجان إلى مراجعة
    [few] { $n } إجابات تحتاج إلى مراجعة
    [many] { $n } إجابة تحتاج إلى مراجعة
   *[other] { $n } إجابة تحتاج إلى مراجعة
}
component-wrong-kept = لم يُرسل شيء بعد. ما كتبته لا يزال هنا.
component-in-my-zone = العرض بتوقيتي المحلي
component-exactly = بالضبط: { $when }
component-yours = بتوقيتك: { $when }
component-left = المتبقي: { $left }
component-over = انتهى الموعد
component-pages = صفحات هذه القائمة
component-previous = السابقة
component-next = التالية
component-place = الصفحة { NUMBER($page) } من { NUMBER($pages) }
component-way = المسار إلى هذه الصفحة
component-steps = الخطوات
