
word-class-member-state = دولة عضو
word-class-sector-member = عضو قطاع
word-class-associate = منتسب
word-class-academia = هيئة أكاديمية
word-class-igo = منظمة حكومية دولية
word-class-regional-organisation = منظمة إقليمية
word-class-un-agency = وكالة تابعة للأمم المتحدة
word-class-private = شركة
word-class-civil-society = المجتمع المدني
word-class-individual = فرد
word-class-observer-state = دولة مراقبة

word-region-africa = أفريقيا
word-region-americas = الأمريكتان
word-region-arab-states = الدول العربية
word-region-asia-pacific = آسيا والمحيط الهادئ
word-region-cis = كومنولث الدول المستقلة
word-region-europe = أوروبا

word-kind-nomination = تسمية
word-kind-candidature = ترشيح
word-kind-comment = تعليقات
word-kind-contribution = مساهمات
word-kind-consultation = مشاورة مفتوحة
word-kind-interest = إبداء اهتمام
word-kind-pledge = تعهدات
word-kind-registration = تسجيل
word-kind-entry = مشاركات
word-kind-needs = احتياجات

word-call-draft = مسودة
word-call-scheduled = قادمة
word-call-open = مفتوحة
word-call-grace = انتهى الموعد ولا تزال الردود تُقبل
word-call-closed = مغلقة
word-call-published = نُشرت الردود
word-call-considered = جرى النظر فيها
word-call-withdrawn = سُحبت قبل افتتاحها
word-call-annulled = أُلغيت

word-submission-received = استُلم
word-submission-admissible = مقبول
word-submission-inadmissible = غير مقبول
word-submission-published = منشور
word-submission-counted = محسوب دون نشر
word-submission-withheld = محجوب
word-submission-superseded = استُبدل
word-submission-withdrawn = مسحوب

word-standing-mandate = موقَّع بموجب تفويض
word-standing-participant = موقَّع من مشارك
word-standing-unsigned = غير موقَّع
word-standing-paper = استُلم على الورق

word-policy-at-once = تُنشر الردود فور استلامها.
word-policy-at-close = تُنشر الردود بعد الموعد النهائي.
word-policy-sealed = تبقى الردود مختومة حتى الموعد النهائي، ولا يُعرض قبله إلا عددها.
word-policy-never = لا تُنشر الردود، بل تُنشر أعدادها.

word-lang-ar = العربية
word-lang-zh = الصينية
word-lang-en = الإنكليزية
word-lang-fr = الفرنسية
word-lang-ru = الروسية
word-lang-es = الإسبانية
