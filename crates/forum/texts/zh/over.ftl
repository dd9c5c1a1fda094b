over-published = 答复已经公布。
over-not-yet = 征集已经结束，答复尚未公布。
card-another = 再为我生成一个凭证
