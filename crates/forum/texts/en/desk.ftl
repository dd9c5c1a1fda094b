
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
desk-more-calls = Earlier calls
desk-see-public = See it as everybody does

## Fields

desk-kind = What it asks for
desk-original = Language of the original
desk-languages-help = Write the original; the other languages may follow later. Where one is missing, readers see the original.
desk-symbol = Symbol
desk-symbol-help = Short, and used once: letters, digits, hyphens. It becomes the address.
desk-name = Title
desk-subject = Subject
desk-text = Text
desk-about = What it is about
desk-signatory = Signed by (name and office)
desk-state = State
desk-dated = Date on the circular
desk-addressees = Addressed to
desk-copies = Copies to, one a line
desk-contact = Contact address that everybody may see
desk-circular = Symbol of the circular that opens it
desk-amends = Symbol of the circular that it amends
desk-opens = Opens (date and time)
desk-opens-time = Time of opening (14:30)
desk-closes = Last day for answers
desk-closes-help = It ends with that day, in the time zone of the host.
desk-zone = Time zone of the host
desk-grace = Period of grace, minutes
desk-limit = Answers that one party may give
desk-modify = Last day to replace or withdraw an answer
desk-modify-help = If left empty: as long as the call takes answers.
desk-modify-stays = If left empty, the day stays as it is. It can only move later.
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
desk-question-up = Move it up
desk-question-max = Most characters
desk-question-count = Most choices or files in one answer
desk-question-options = Choices, one a line
desk-kind-text = One line
desk-kind-long-text = Long text
desk-kind-choice = One of several choices
desk-kind-choices = Several choices
desk-kind-file = File
desk-kind-amount = Amount of money
desk-kind-country = Country
desk-kind-person = Person

## The consultation that a new call begins as

desk-template-about = We ask everybody concerned for their view. All answers are published, and a summary is put before a meeting.
desk-template-circular = We invite all those to whom this circular is addressed to answer the call that it opens. The questions, the deadline and the ways to answer are on the page of the call. Answers may be written in any of the six languages.
desk-template-q1 = What opportunities and what difficulties do you see?
desk-template-q2 = What should be done, and by whom?
desk-template-q3 = Documents that support your answer

## What can be done

desk-change = Change the draft
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
desk-paper-help = It is kept with the answer. An answer is received when it is recorded here, so record it before the call ends.
desk-paper-party = Name of the party
desk-admit = Admit
desk-refuse = Do not admit
desk-withhold = Withhold from publication
desk-withdraw-answer = Withdraw, as the party asked
desk-reason-help = Everybody can read it, and it is kept.
desk-answers = Answers to decide on

## Files and translations

desk-files-none = Nothing is attached.
desk-files-note = Everybody can download these files once the circular is sent or the call is announced; until then only the secretariat can.
desk-file-add = Attach this file
desk-file-size = Size
desk-file-off = Remove
desk-translations = Translations
desk-translations-note = The original is not changed here. Where it has changed since a translation was made, readers of the translation are told.
desk-translation-none = Not translated yet
desk-translation-partly = Partly translated
desk-translation-current = Up to date
desk-translation-stale = The original has changed since

## The history

desk-history-none = Nothing was done yet.
desk-history-when = When
desk-history-what = What
desk-history-who = Who
desk-act-drafted = Drafted
desk-act-changed = Changed
desk-act-translated = Translation added
desk-act-sent = Sent
desk-act-announced = Announced
desk-act-extended = Deadline moved later
desk-act-withdrawn = Withdrawn
desk-act-annulled = Annulled
desk-act-published = Answers published
desk-act-considered = Considered by a meeting
desk-act-admitted = Admitted
desk-act-refused = Not admitted
desk-act-withheld = Withheld
desk-act-opened = Opened
desk-act-closed = Closed
desk-act-recorded = Recorded from paper
desk-act-added = Addressees added
desk-act-removed = Addressee removed

## What is wrong with a form

desk-wrong-empty = Write something here.
desk-wrong-symbol = Use letters, digits and hyphens, at most 40.
desk-wrong-taken = This symbol is in use.
desk-wrong-date = Write a date, as 2026-11-28.
desk-wrong-number = Write a whole number.
desk-wrong-later = A deadline only moves later.
desk-wrong-order = The deadline must be after the opening.
desk-wrong-modify = This day must be after the opening, not before the day set earlier, and not after the end of the call.
desk-wrong-too-long = This is too long.
desk-wrong-characters = This has characters that cannot be seen or that turn the text round. Write it again.
desk-wrong-reference = There is no such circular.
desk-wrong-zone = Write a time zone, as Europe/Zurich.
desk-wrong-announced = The call was announced: its dates, its policy and who may answer can no longer be changed here.
desk-wrong-form = A choice needs at least two choices, each on a line, all different; a call asks at least one question.
desk-done = Done, and noted in the history.
