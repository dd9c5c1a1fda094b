
word-class-member-state = 成员国
word-class-sector-member = 部门成员
word-class-associate = 部门准成员
word-class-academia = 学术成员
word-class-igo = 政府间组织
word-class-regional-organisation = 区域性组织
word-class-un-agency = 联合国机构
word-class-private = 企业
word-class-civil-society = 民间团体
word-class-individual = 个人
word-class-observer-state = 观察国

word-region-africa = 非洲
word-region-americas = 美洲
word-region-arab-states = 阿拉伯国家
word-region-asia-pacific = 亚太地区
word-region-cis = 独立国家联合体
word-region-europe = 欧洲

word-kind-nomination = 提名
word-kind-candidature = 候选人征集
word-kind-comment = 意见征集
word-kind-contribution = 文稿征集
word-kind-consultation = 公开磋商
word-kind-interest = 意向征集
word-kind-pledge = 承诺征集
word-kind-registration = 注册
word-kind-entry = 项目征集
word-kind-needs = 需求征集

word-call-draft = 草稿
word-call-scheduled = 即将开始
word-call-open = 进行中
word-call-grace = 已过截止日期，仍可接受
word-call-closed = 已截止
word-call-published = 答复已公布
word-call-considered = 已审议
word-call-withdrawn = 开始前已撤回
word-call-annulled = 已作废

word-submission-received = 已收到
word-submission-admissible = 已接纳
word-submission-inadmissible = 未接纳
word-submission-published = 已公布
word-submission-counted = 计入但不公布
word-submission-withheld = 未公布
word-submission-superseded = 已被取代
word-submission-withdrawn = 已撤回

word-standing-mandate = 凭授权证明签名
word-standing-participant = 由参与者签名
word-standing-unsigned = 未签名
word-standing-paper = 以纸质方式收到

word-policy-at-once = 答复收到后即公布。
word-policy-at-close = 答复在截止日期之后公布。
word-policy-sealed = 截止日期之前答复处于密封状态，仅显示数量。
word-policy-never = 答复不公布，只公布数量。

word-lang-ar = 阿拉伯文
word-lang-zh = 中文
word-lang-en = 英文
word-lang-fr = 法文
word-lang-ru = 俄文
word-lang-es = 西班牙文
