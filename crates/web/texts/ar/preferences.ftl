preferences-title = منطقتك الزمنية
preferences-lead = تُعرض المواعيد النهائية بتوقيت من حددها، وبالتوقيت العالمي المنسق UTC، وبتوقيتك.
preferences-zone = المنطقة الزمنية
preferences-zone-help = يُحفظ الاختيار في متصفحك فقط، ولا يُحفظ في أي مكان آخر.
preferences-none = دون منطقة زمنية خاصة بي
preferences-keep = استخدام هذه المنطقة الزمنية
