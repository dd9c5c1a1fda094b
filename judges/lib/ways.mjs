// Whole ways through the pages, gone as people go them.

export async function judgeWays({ aim, judge, browser }) {
  void aim, judge, browser
}
