
## The list of calls

pub-calls-title = Calls
pub-calls-lead = What the secretariat asks, and what was answered. You can read everything here without signing in.
pub-calls-open = Open now
pub-calls-coming = Coming
pub-calls-closed = Closed
pub-calls-awaiting = Awaiting consideration
pub-calls-awaiting-note = A call stays here until a meeting has dealt with the answers to it.
pub-calls-none = None at the moment.
pub-calls-feed = Follow by feed (Atom)

## Dates and deadlines

pub-opens = Opens
pub-opened = Opened
pub-closes = Deadline
pub-extension = Earlier deadline: { $old }. Extended on { $on }. Reason: { $reason }
pub-reason = Reason
pub-labelled = { $label }: { $value }
pub-bracketed = ({ $what })
pub-counted = { $label } ({ $count })
pub-grace = What arrives a little late, within the period of grace, is accepted and marked so.
pub-late = Arrived within the period of grace
pub-calendar = Put the deadline in your calendar

## One call

pub-call-audience = Who may answer
pub-call-everyone = Everyone
pub-call-limit = Answers from one party
pub-call-take-part = Take part
pub-call-how = Write in any of the six languages; a draft is kept for you. Sign with your wallet, or leave an e-mail address and confirm the answer by the link that comes by mail. You get a receipt either way.
pub-call-answer = Answer this call
pub-call-not-yet = It is not open yet.
pub-call-over = It no longer takes answers.
pub-call-questions = The questions
pub-required = must be answered
pub-call-documents = Documents
pub-call-circular = Opened by circular
pub-call-agenda = Considered under agenda item
pub-call-contact = Contact
pub-call-answers = Answers
pub-call-so-far =
    { $n ->
        [one] { $n } answer has been received so far.
       *[other] { $n } answers have been received so far.
    }
pub-call-received =
    { $n ->
        [one] { $n } answer was received.
       *[other] { $n } answers were received.
    }
pub-call-read = Read the answers
pub-history = History

## Texts in several languages

pub-original = original
pub-translation = translation
pub-languages = Languages of this text
pub-stale = The original has changed since this translation was made.

## A circular

pub-circular = Circular
pub-circulars-title = Circulars
pub-circular-date = Sent
pub-circular-to = To
pub-circular-copies = Copies
pub-circular-by = Signed by
pub-circular-opens = The calls it opens
pub-circular-amended = Amended by
pub-circular-amends = Amends
pub-circular-annexes = Annexes
pub-circular-print = To keep it on paper or as a file, print this page: it is laid out for that.

## The answers to a call

pub-answers-title = Answers
pub-answers-to = Answers to
pub-sum-title = The count
pub-sum-received = Received
pub-sum-published = Published
pub-sum-counted = Counted, not published
pub-sum-waiting = Not yet decided
pub-sum-withheld = Withheld, with a reason
pub-sum-inadmissible = Not admitted, with a reason
pub-sum-superseded = Replaced by a later answer
pub-sum-withdrawn = Withdrawn by their authors
pub-sum-note = Nothing is left out: the lines below the first add up to it.
pub-filter = Choose answers
pub-filter-class = Kind of party
pub-filter-region = Region
pub-filter-country = Country
pub-filter-language = Language
pub-filter-question = Question answered
pub-filter-all = All
pub-filter-apply = Show these
pub-filter-clear = Show all answers
pub-found =
    { $n ->
        [one] { $n } answer
       *[other] { $n } answers
    }
pub-none-match = No answer fits this choice.
pub-next = Next answers
pub-first = Back to the first answers
pub-take-away = The same as a file
pub-sealed = These answers are sealed. They can be read when the call has closed.
pub-awaits = The call has closed. The answers appear here when the secretariat publishes them.

## One answer

pub-sub-call = In answer to
pub-sub-received = Received
pub-sub-language = Written in
pub-sub-summary = Summary
pub-sub-not-answered = Not answered
pub-sub-vouched = How it is vouched for
pub-vouched-mandate = Signed with a wallet by somebody who holds a mandate of this party. The signature covers exactly the answers on this page.
pub-vouched-participant = Signed with a wallet, under a participant’s card. The card says nothing about who the person is; the signature covers exactly the answers on this page.
pub-vouched-unsigned = Not signed. Somebody confirmed it by a link sent to an e-mail address; nothing proves who that was, or for whom they spoke.
pub-vouched-paper = It came on paper. The secretariat typed it in and keeps a scan.
pub-sub-proof = Receipt and proof
pub-sub-proof-note = Anybody can check with it, without us, that this answer is in the public log and was not changed.
pub-sub-original = The answer as it was received (JSON)
pub-sub-replaces = It replaces
pub-sub-replaced = It was replaced by
pub-sub-back = All answers to this call
