preferences-title = 您的时区
preferences-lead = 截止日期将以设定者的时区、协调世界时（UTC）和您的时区显示。
preferences-zone = 时区
preferences-zone-help = 此选择只保存在您的浏览器中，别处不保存。
preferences-none = 不使用自己的时区
preferences-keep = 使用此时区
