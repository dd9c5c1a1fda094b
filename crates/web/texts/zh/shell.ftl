shell-skip = 跳到正文
shell-languages = 语言
shell-navigation = 页面
shell-home = 首页
shell-log = 公开日志
shell-sign-in = 登录
