
desk-title = مكتب الأمانة
desk-lead = ما ينتظر قرارًا وما يمكن فعله بعد ذلك. تُفتح الدعوة وتُغلق بحسب الساعة، ولا يفعل ذلك أحد بيده.
desk-new-call = دعوة جديدة
desk-new-circular = رسالة معممة جديدة
desk-waiting = { $n ->
        [zero] لا ردود تنتظر قرارًا
        [one] رد واحد ينتظر قرارًا
        [two] ردان ينتظران قرارًا
        [few] { $n } ردود تنتظر قرارًا
        [many] { $n } ردًا ينتظر قرارًا
       *[other] { $n } رد ينتظر قرارًا
    }
desk-back = العودة إلى المكتب
desk-more-calls = دعوات سابقة
desk-see-public = عرض ما يراه الجميع

desk-kind = ما الذي تطلبه
desk-original = لغة النص الأصلي
desk-languages-help = اكتب النص الأصلي، ويمكن إضافة اللغات الأخرى لاحقًا. وحيث تغيب لغة يُعرض النص الأصلي.
desk-symbol = الرمز
desk-symbol-help = قصير ولا يتكرر: حروف لاتينية وأرقام وواصلات. ويصبح جزءًا من العنوان.
desk-name = العنوان
desk-subject = الموضوع
desk-text = النص
desk-about = موضوعها
desk-signatory = الموقّع (الاسم والمنصب)
desk-state = الحالة
desk-dated = تاريخ الرسالة المعممة
desk-addressees = موجّهة إلى
desk-copies = نسخة إلى (واحد في كل سطر)
desk-contact = عنوان اتصال يراه الجميع
desk-circular = رمز الرسالة المعممة التي تفتحها
desk-amends = رمز الرسالة المعممة التي تعدّلها
desk-opens = الافتتاح (التاريخ والوقت)
desk-opens-time = وقت الافتتاح (14:30)
desk-closes = آخر يوم للرد
desk-closes-help = تنتهي الدعوة بنهاية ذلك اليوم بتوقيت المضيف.
desk-zone = المنطقة الزمنية للمضيف
desk-grace = مهلة السماح بالدقائق
desk-limit = عدد الردود المسموح بها لكل طرف
desk-modify = آخر يوم لاستبدال رد أو سحبه
desk-modify-help = إن تُرك فارغًا: ما دامت الدعوة تستقبل الردود.
desk-modify-stays = إن تُرك فارغًا بقي اليوم كما هو. ولا يُنقل إلا إلى يوم لاحق.
desk-policy = ما يُنشر ومتى
desk-audience = من يمكنه الرد (إن لم تختر شيئًا فالجميع)

desk-question-add = إضافة سؤال
desk-question-edit = تعديل هذا السؤال
desk-question-remove = حذف هذا السؤال
desk-question-label = السؤال
desk-question-help = توضيح
desk-question-kind = نوع الإجابة
desk-question-required = الإجابة مطلوبة
desk-question-up = نقل إلى أعلى
desk-question-max = الحد الأقصى للأحرف
desk-question-count = الحد الأقصى للخيارات أو الملفات في الإجابة الواحدة
desk-question-options = الخيارات، واحد في كل سطر
desk-kind-text = سطر واحد
desk-kind-long-text = نص طويل
desk-kind-choice = خيار واحد من عدة خيارات
desk-kind-choices = عدة خيارات
desk-kind-file = ملف
desk-kind-amount = مبلغ مالي
desk-kind-country = بلد
desk-kind-person = شخص

desk-template-about = نطلب رأي كل من يعنيه الأمر. تُنشر جميع الردود، ويُعرض ملخص لها على اجتماع.
desk-template-circular = ندعو كل من وُجّهت إليه هذه الرسالة المعممة إلى الرد على الدعوة التي تفتحها. وتَرِد الأسئلة والموعد النهائي وطرق الرد في صفحة الدعوة. ويمكن كتابة الردود بأي من اللغات الست.
desk-template-q1 = ما الفرص وما الصعوبات التي تراها؟
desk-template-q2 = ما الذي ينبغي فعله، ومن ينبغي أن يفعله؟
desk-template-q3 = الوثائق التي تدعم ردك

desk-change = تعديل المسودة
desk-save = حفظ
desk-preview = معاينة
desk-send = إرسال هذه الرسالة المعممة
desk-send-note = لا رجعة في الإرسال: تُنشر الرسالة المعممة وتُرسل بالبريد الإلكتروني إلى من وُجّهت إليهم وتُدرج في السجل العام.
desk-schedule = إعلان هذه الدعوة
desk-schedule-note = بعد ذلك لا يمكن تغيير الأسئلة، ولا يُنقل الموعد النهائي إلا إلى وقت لاحق.
desk-extend = تأجيل الموعد النهائي
desk-publish = نشر الردود
desk-publish-note = تُنشر جميع الردود المقبولة، أما المحجوبة أو غير المقبولة فتُحسب مع بيان الأسباب.
desk-withdraw = سحب هذه الدعوة
desk-annul = إلغاء هذه الدعوة
desk-consider = تدوين بند جدول الأعمال الذي نظر فيها
desk-paper = تسجيل رد استُلم على الورق
desk-paper-scan = نسخة ممسوحة ضوئيًا (PDF أو PNG أو JPEG)
desk-paper-help = تُحفظ مع الرد. ويُعد الرد مستلمًا عند تسجيله هنا، فسجّله قبل انتهاء الدعوة.
desk-paper-party = اسم الطرف
desk-admit = قبول
desk-refuse = عدم القبول
desk-withhold = حجب عن النشر
desk-withdraw-answer = سحب بناءً على طلب الطرف
desk-reason-help = يمكن للجميع قراءته، ويُحفظ.
desk-answers = ردود تنتظر البت فيها

desk-files-none = لا توجد مرفقات.
desk-files-note = يمكن للجميع تنزيل هذه الملفات متى أُرسلت الرسالة المعممة أو أُعلنت الدعوة، ولا يمكن ذلك قبلها إلا للأمانة.
desk-file-add = إرفاق هذا الملف
desk-file-size = الحجم
desk-file-off = إزالة
desk-translations = الترجمات
desk-translations-note = لا يُغيَّر النص الأصلي هنا. وإن تغيّر بعد إعداد ترجمة فإن قرّاءها يُنبَّهون إلى ذلك.
desk-translation-none = لم يُترجم بعد
desk-translation-partly = تُرجم جزئيًا
desk-translation-current = الترجمة محدَّثة
desk-translation-stale = تغيّر النص الأصلي بعد الترجمة

desk-history-none = لم يُفعل شيء بعد.
desk-history-when = متى
desk-history-what = ماذا
desk-history-who = من
desk-act-drafted = أُعدّت المسودة
desk-act-changed = عُدّلت
desk-act-translated = أُضيفت ترجمة
desk-act-sent = أُرسلت
desk-act-announced = أُعلنت
desk-act-extended = أُجّل الموعد النهائي
desk-act-withdrawn = جرى السحب
desk-act-annulled = أُلغيت
desk-act-published = نُشرت الردود
desk-act-considered = نُظر فيها في اجتماع
desk-act-admitted = قُبل
desk-act-refused = لم يُقبل
desk-act-withheld = حُجب
desk-act-opened = فُتحت
desk-act-closed = أُغلقت
desk-act-recorded = سُجّل من نسخة ورقية
desk-act-added = أُضيف إلى قائمة المراسلة
desk-act-removed = حُذف من قائمة المراسلة

desk-wrong-empty = اكتب شيئًا هنا.
desk-wrong-symbol = استخدم حروفًا لاتينية وأرقامًا وواصلات، 40 على الأكثر.
desk-wrong-taken = هذا الرمز مستخدم من قبل.
desk-wrong-date = اكتب تاريخًا على صورة 2026-11-28.
desk-wrong-number = اكتب عددًا صحيحًا.
desk-wrong-later = لا يُنقل الموعد النهائي إلا إلى وقت لاحق.
desk-wrong-order = يجب أن يكون الموعد النهائي بعد الافتتاح.
desk-wrong-modify = يجب أن يكون هذا اليوم بعد الافتتاح، وألا يسبق اليوم المحدد سابقًا ولا يتجاوز نهاية الدعوة.
desk-wrong-too-long = هذا أطول من اللازم.
desk-wrong-characters = في النص أحرف غير مرئية أو تعكس اتجاه النص. اكتبه من جديد.
desk-wrong-reference = لا توجد رسالة معممة بهذا الرمز.
desk-wrong-zone = اكتب منطقة زمنية على صورة Europe/Zurich.
desk-wrong-announced = أُعلنت الدعوة: لم يعد ممكنًا هنا تغيير مواعيدها أو قاعدة نشرها أو من يمكنه الرد.
desk-wrong-form = يحتاج سؤال الاختيار إلى خيارين مختلفين على الأقل، كل خيار في سطر؛ وتطرح الدعوة سؤالًا واحدًا على الأقل.
desk-done = تمّ ذلك، وهو مدوّن في السجل الزمني.
