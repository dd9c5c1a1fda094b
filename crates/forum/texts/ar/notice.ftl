## ما يقال بالبريد وعن البريد

notice-circular-subject = الرسالة المعممة { $symbol }: { $subject }
notice-circular-lead = هذه هي الرسالة المعممة { $symbol } الموجّهة إليك من { $party }.
notice-circular-read = للاطلاع عليها باللغات المتاحة وللمشاركة:
notice-confirm-subject = يرجى تأكيد ردك على { $symbol }
notice-confirm-lead = ملأ شخص ردًا على «{ $title }» وأعطى هذا العنوان. نعتقد أنه أنت.
notice-confirm-open = لإرسال الرد، افتح هذا الرابط وأكّد الرد. يُحتسب الرد منذ ذلك الحين لا قبله:
notice-confirm-until = يعمل الرابط حتى { $until }.
notice-confirm-not-you = إن لم تكن أنت فلا تفعل شيئًا: سيُمحى ما تم ملؤه.
notice-receipt-subject = استُلم ردك على { $symbol }
notice-receipt-lead = استُلم ردك على «{ $title }» في { $time }.
notice-receipt-page = الإيصال موجود في هذه الصفحة. احتفظ بالعنوان:
notice-receipt-proof = الإيصال موقَّع. وسيحل محله قريبًا إثبات أن ردك مدرج في السجل العام.
notice-extension-subject = { $symbol }: أُجّل الموعد النهائي
notice-extension-lead = أُجّل الموعد النهائي للدعوة «{ $title }».
notice-extension-now = الآن: { $deadline }
notice-extension-before = سابقًا: { $deadline }
notice-reminder-subject = تُغلق الدعوة { $symbol } قريبًا
notice-reminder-lead = ما زال باب الرد على «{ $title }» مفتوحًا:
notice-reminder-answer = للرد، أو لاستبدال رد سبق إرساله:
notice-publication-subject = { $symbol }: نُشرت الردود
notice-publication-lead = نُشرت الردود على «{ $title }».
notice-publication-count = { $n ->
    [zero] لم يُستلم أي رد.
    [one] استُلم رد واحد.
    [two] استُلم ردان.
    [few] استُلمت { NUMBER($n) } ردود.
    [many] استُلم { NUMBER($n) } ردًا.
   *[other] استُلم { NUMBER($n) } رد.
}
notice-publication-read = لقراءتها وللتحقق منها دون أي خادم:
notice-why-circular = تصلك هذه الرسالة لأن عنوانك من العناوين التي تُرسل إليها الرسائل المعممة من هذا النوع.
notice-why-part = تصلك هذه الرسالة لأن هذا العنوان أُعطي عند المشاركة.
notice-stop = لعدم تلقي رسائل أخرى من هذا النوع:
notice-machine = كُتبت هذه الرسالة آليًا. ولا تُقرأ الردود عليها.

notice-stop-title = لا مزيد من هذه الرسائل
notice-stop-question = هل نتوقف عن إرسال الرسائل المعممة والتذكيرات والأخبار إلى عنوانك؟ سيظل يصلك ما يخص ردودك.
notice-stop-button = إيقاف هذه الرسائل
notice-stop-done = لن تصل هذه الرسائل إلى عنوانك بعد الآن.
notice-stop-unknown = هذا الرابط ليس من روابطنا أو هو غير كامل. انسخه كاملًا من الرسالة.
