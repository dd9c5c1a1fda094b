component-optional = （选填）
component-wrong = { $n ->
   *[other] 有 { $n } 处回答需要检查
}
component-wrong-kept = 尚未发送任何内容。您填写的内容都还在。
component-in-my-zone = 按我的时区显示
component-exactly = 准确时间：{ $when }
component-yours = 您的时间：{ $when }
component-left = 还剩 { $left }
component-over = 已截止
component-pages = 本列表的页面
component-previous = 上一页
component-next = 下一页
component-place = 第 { NUMBER($page) } 页，共 { NUMBER($pages) } 页
component-way = 本页所在位置
component-steps = 步骤
