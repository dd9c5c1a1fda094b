component-optional = (optional)
component-wrong = { $n ->
    [one] { $n } answer needs another look
   *[other] { $n } answers need another look
}
component-wrong-kept = Nothing was sent yet. What you wrote is still here.
component-in-my-zone = Show it in my time zone
component-exactly = Exactly: { $when }
component-yours = For you: { $when }
component-left = { $left } left
component-over = It is over
component-pages = Pages of this list
component-previous = Previous
component-next = Next
component-place = Page { NUMBER($page) } of { NUMBER($pages) }
component-way = Way to this page
component-steps = Steps
