
## The desk

desk-title = The secretariat’s desk
desk-lead = What waits for a decision, and what can be done next. Whether a call is open follows from the clock; nobody sets it.
desk-new-call = New call
desk-new-circular = New circular
desk-waiting =
    { $n ->
        [one] { $n } answer waits for a decision
       *[other] { $n } answers wait for a decision
    }
desk-back = Back to the desk
desk-see-public = See it as everybody does

## Fields

desk-original = Language of the original
desk-languages-help = Write the original; the other languages may follow later. Where one is missing, readers see the original.
desk-symbol = Symbol
desk-symbol-help = Short, and used once: letters, digits, hyphens. It becomes the address.
desk-name = Title
desk-subject = Subject
desk-text = Text
desk-about = What it is about
desk-signatory = Signed by (name and office)
desk-addressees = Addressed to
desk-copies = Copies to, one a line
desk-contact = Contact address that everybody may see
desk-circular = Symbol of the circular that opens it
desk-amends = Symbol of the circular that it amends
desk-opens = Opens (date and time)
desk-closes = Last day for answers
desk-closes-help = It ends with that day, in the time zone of the host.
desk-zone = Time zone of the host
desk-grace = Period of grace, minutes
desk-limit = Answers that one party may give
desk-policy = What is published, and when
desk-audience = Who may answer (with none chosen, everyone)

## Questions

desk-question-add = Add a question
desk-question-edit = Change this question
desk-question-remove = Remove this question
desk-question-label = Question
desk-question-help = Help with it
desk-question-kind = Kind of answer
desk-question-required = An answer is needed
desk-question-options = Choices, one a line (the language of the original)
desk-kind-text = One line
desk-kind-long-text = Long text
desk-kind-choice = One of several choices
desk-kind-choices = Several choices
desk-kind-file = File
desk-kind-amount = Amount of money
desk-kind-country = Country
desk-kind-person = Person

## The consultation that a new call begins as

desk-template-name = Open consultation on …
desk-template-about = We ask everybody concerned for their view. All answers are published, and a summary is put before a meeting.
desk-template-q1 = What opportunities and what difficulties do you see?
desk-template-q2 = What should be done, and by whom?
desk-template-q3 = Documents that support your answer

## What can be done

desk-save = Save
desk-preview = Preview
desk-send = Send this circular
desk-send-note = Sending cannot be undone: it is published, mailed to the addressees and entered in the public log.
desk-schedule = Announce this call
desk-schedule-note = From then on its questions cannot be changed, and its deadline only moves later.
desk-extend = Move the deadline later
desk-publish = Publish the answers
desk-publish-note = Every answer that was admitted is published; those withheld or not admitted are counted with their reasons.
desk-withdraw = Withdraw this call
desk-annul = Annul this call
desk-consider = Note the agenda item that considered it
desk-paper = Record an answer that came on paper
desk-paper-scan = Scan of the paper (PDF, PNG or JPEG)
desk-paper-party = Name of the party
desk-admit = Admit
desk-refuse = Do not admit
desk-withhold = Withhold from publication
desk-reason-help = Everybody can read it, and it is kept.
desk-answers = Answers to decide on

## The history

desk-history-none = Nothing was done yet.
desk-history-when = When
desk-history-what = What
desk-history-who = Who

## What is wrong with a form

desk-wrong = Nothing was saved. Look at the fields that are marked.
desk-wrong-empty = Write something here.
desk-wrong-symbol = Use letters, digits and hyphens, at most 40.
desk-wrong-taken = This symbol is in use.
desk-wrong-date = Write a date, as 2026-11-28.
desk-wrong-number = Write a whole number.
desk-wrong-later = A deadline only moves later.
desk-wrong-order = The deadline must be after the opening.
desk-wrong-too-long = This is too long.
desk-wrong-reference = There is no such circular.
desk-wrong-state = It has changed in the meantime, and this can no longer be done.
desk-done = Done. It is in the history below.
