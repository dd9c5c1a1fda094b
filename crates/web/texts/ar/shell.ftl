shell-skip = انتقل إلى المحتوى
shell-languages = اللغات
shell-navigation = الصفحات
shell-home = الصفحة الرئيسية
shell-log = السجل العام
shell-sign-in = تسجيل الدخول
