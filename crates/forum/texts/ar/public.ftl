
pub-calls-title = الدعوات
pub-calls-lead = ما تسأل عنه الأمانة وما استلمته من ردود. يمكنك قراءة كل شيء هنا دون تسجيل الدخول.
pub-calls-open = مفتوحة الآن
pub-calls-coming = قادمة
pub-calls-closed = مغلقة
pub-calls-awaiting = في انتظار النظر فيها
pub-calls-awaiting-note = تبقى الدعوة هنا إلى أن ينظر اجتماع في الردود عليها.
pub-calls-none = لا شيء في الوقت الحالي.
pub-calls-feed = المتابعة عبر موجز (Atom)

pub-opens = الافتتاح
pub-opened = فُتحت
pub-closes = الموعد النهائي
pub-extension = الموعد النهائي السابق: { $old }. أُجّل في { $on }. السبب: { $reason }
pub-reason = السبب
pub-labelled = { $label }: { $value }
pub-bracketed = ({ $what })
pub-counted = { $label } ({ $count })
pub-grace = ما يصل متأخرًا قليلًا خلال مهلة السماح يُقبل ويُشار إلى ذلك.
pub-late = استُلم خلال مهلة السماح
pub-calendar = أضف الموعد النهائي إلى تقويمك

pub-call-audience = من يمكنه الرد
pub-call-everyone = الجميع
pub-call-limit = عدد الردود من كل طرف
pub-call-take-part = المشاركة
pub-call-how = اكتب بأيٍّ من اللغات الست، وتُحفظ لك مسودة. وقّع بمحفظتك، أو اترك عنوان بريد إلكتروني وأكّد ردك عبر الرابط الذي يصلك. وستحصل على إيصال في الحالتين.
pub-call-answer = الرد على هذه الدعوة
pub-call-not-yet = لم تُفتح بعد.
pub-call-over = لم تعد تستقبل الردود.
pub-call-questions = الأسئلة
pub-required = الإجابة مطلوبة
pub-call-documents = الوثائق
pub-call-circular = فُتحت بموجب الرسالة المعممة
pub-call-agenda = بند جدول الأعمال الذي ينظر فيها
pub-call-contact = للاتصال
pub-call-answers = الردود
pub-call-so-far = { $n ->
        [zero] لم يُستلم أي رد حتى الآن.
        [one] استُلم رد واحد حتى الآن.
        [two] استُلم ردان حتى الآن.
        [few] استُلمت { $n } ردود حتى الآن.
        [many] استُلم { $n } ردًا حتى الآن.
       *[other] استُلم { $n } رد حتى الآن.
    }
pub-call-received = { $n ->
        [zero] لم يُستلم أي رد.
        [one] استُلم رد واحد.
        [two] استُلم ردان.
        [few] استُلمت { $n } ردود.
        [many] استُلم { $n } ردًا.
       *[other] استُلم { $n } رد.
    }
pub-call-read = قراءة الردود
pub-history = السجل الزمني

pub-original = النص الأصلي
pub-translation = ترجمة
pub-languages = لغات هذا النص
pub-stale = تغيّر النص الأصلي بعد إعداد هذه الترجمة.

pub-circular = رسالة معممة
pub-circulars-title = الرسائل المعممة
pub-circular-date = تاريخ الإرسال
pub-circular-to = إلى
pub-circular-copies = نسخة إلى
pub-circular-by = التوقيع
pub-circular-opens = الدعوات التي تفتحها
pub-circular-amended = معدَّلة بموجب
pub-circular-amends = تعدّل
pub-circular-annexes = الملحقات
pub-circular-print = للاحتفاظ بها ورقيًا أو كملف، اطبع هذه الصفحة فهي معدّة لذلك.

pub-answers-title = الردود الواردة
pub-answers-to = الردود على
pub-sum-title = الحصيلة
pub-sum-received = المستلمة
pub-sum-published = المنشورة
pub-sum-counted = المحسوبة دون نشر
pub-sum-waiting = لم يُبت فيها بعد
pub-sum-withheld = المحجوبة مع بيان السبب
pub-sum-inadmissible = غير المقبولة مع بيان السبب
pub-sum-superseded = المستبدلة برد لاحق
pub-sum-withdrawn = المسحوبة من أصحابها
pub-sum-note = لا شيء ناقص: مجموع الأسطر التالية يساوي السطر الأول.
pub-filter = اختيار الردود
pub-filter-class = فئة الطرف
pub-filter-region = المنطقة
pub-filter-country = البلد
pub-filter-language = اللغة
pub-filter-question = السؤال المُجاب عنه
pub-filter-all = الكل
pub-filter-apply = عرض هذه
pub-filter-clear = عرض جميع الردود
pub-found =
    { $n ->
        [zero] لا ردود
        [one] رد واحد
        [two] ردان
        [few] { $n } ردود
        [many] { $n } ردًا
       *[other] { $n } رد
    }
pub-none-match = لا يوجد رد يطابق هذا الاختيار.
pub-next = الردود التالية
pub-first = العودة إلى الردود الأولى
pub-take-away = البيانات نفسها كملف
pub-sealed = هذه الردود مختومة، وتمكن قراءتها بعد إغلاق الدعوة.
pub-awaits = أُغلقت الدعوة. ستظهر الردود هنا عندما تنشرها الأمانة.

pub-sub-call = ردًّا على
pub-sub-received = وقت الاستلام
pub-sub-language = لغة الرد
pub-sub-summary = ملخص
pub-sub-not-answered = لم يُجب عنه
pub-sub-vouched = ما يثبت مصدره
pub-vouched-mandate = موقَّع بمحفظة شخص يحمل تفويضًا من هذا الطرف. ويشمل التوقيع الإجابات الواردة في هذه الصفحة بعينها.
pub-vouched-participant = موقَّع بمحفظة وببطاقة مشارك. لا تفصح البطاقة عن هوية الشخص، ويشمل التوقيع الإجابات الواردة في هذه الصفحة بعينها.
pub-vouched-unsigned = غير موقَّع. أكّده شخص عبر رابط أُرسل إلى بريد إلكتروني، ولا شيء يثبت هويته أو من يمثّل.
pub-vouched-paper = استُلم على الورق. أدخلته الأمانة وتحتفظ بنسخة ممسوحة ضوئيًا.
pub-sub-proof = الإيصال والإثبات
pub-sub-proof-note = يمكن لأي شخص أن يتحقق بهما، دون الرجوع إلينا، من أن هذا الرد مدرج في السجل العام ولم يتغير.
pub-sub-original = الرد كما استُلم (JSON)
pub-sub-replaces = يحل محل
pub-sub-replaced = استُبدل به
pub-sub-back = جميع الردود على هذه الدعوة
