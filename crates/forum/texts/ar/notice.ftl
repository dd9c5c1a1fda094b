## ما يقال بالبريد وعن البريد

notice-circular-subject = الرسالة المعممة { $symbol }: { $subject }
notice-circular-lead = توجه إليكم الجهة { $party } الرسالة المعممة { $symbol }.
notice-circular-read = للاطلاع عليها باللغات المتاحة وللمشاركة:
notice-confirm-subject = يرجى تأكيد ردكم على { $symbol }
notice-confirm-lead = قام شخص بملء رد على «{ $title }» وأعطى هذا العنوان. نعتقد أنه أنتم.
notice-confirm-open = لإرسال الرد، افتحوا هذا الرابط وأكدوه. يُحتسب الرد منذ ذلك الحين لا قبله:
notice-confirm-until = يمكن استعمال الرابط حتى { $until }.
notice-confirm-not-you = إن لم تكونوا أنتم فلا تفعلوا شيئاً: سيُمحى ما تم ملؤه.
notice-receipt-subject = تم استلام ردكم على { $symbol }
notice-receipt-lead = تم استلام ردكم على «{ $title }» في { $time }.
notice-receipt-page = الإيصال موجود في هذه الصفحة. احتفظوا بالعنوان:
notice-receipt-proof = الإيصال موقّع. وسيحل محله قريباً إثبات على أن ردكم مدرج في السجل العام.
notice-extension-subject = { $symbol }: تم تأجيل الموعد النهائي
notice-extension-lead = تم تأجيل الموعد النهائي لـ«{ $title }».
notice-extension-now = الآن: { $deadline }
notice-extension-before = سابقاً: { $deadline }
notice-reminder-subject = { $symbol } يُغلق قريباً
notice-reminder-lead = ما زال باب الرد على «{ $title }» مفتوحاً:
notice-reminder-answer = للرد، أو لاستبدال رد سبق إرساله:
notice-publication-subject = { $symbol }: تم نشر الردود
notice-publication-lead = تم نشر الردود على «{ $title }».
notice-publication-count = { $n ->
    [zero] لم يُستلم أي رد ({ NUMBER($n) }).
    [one] تم استلام رد واحد ({ NUMBER($n) }).
    [two] تم استلام ردين ({ NUMBER($n) }).
    [few] تم استلام { NUMBER($n) } ردود.
    [many] تم استلام { NUMBER($n) } رداً.
   *[other] تم استلام { NUMBER($n) } رد.
}
notice-publication-read = لقراءتها وللتحقق منها دون أي خادوم:
notice-why-circular = تصلكم هذه الرسالة لأن عنوانكم من العناوين التي تُرسل إليها هذه الرسائل المعممة.
notice-why-part = تصلكم هذه الرسالة لأن هذا العنوان أُعطي عند المشاركة.
notice-stop = لعدم تلقي رسائل أخرى من هذا النوع:
notice-machine = كُتبت هذه الرسالة آلياً. ولا تُقرأ الردود عليها.

notice-stop-title = لا مزيد من هذه الرسائل
notice-stop-question = هل نتوقف عن إرسال الرسائل المعممة والتذكيرات والأخبار إلى عنوانكم؟ سيظل يصلكم ما يخص ردودكم.
notice-stop-button = إيقاف هذه الرسائل
notice-stop-done = لن تصل هذه الرسائل إلى عنوانكم بعد الآن.
notice-stop-unknown = هذا الرابط ليس من روابطنا أو هو غير كامل. انسخوه كاملاً من الرسالة.
