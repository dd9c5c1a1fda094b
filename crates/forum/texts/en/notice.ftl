## What is said by mail, and of mail

notice-circular-subject = Circular { $symbol }: { $subject }
notice-circular-lead = { $party } sends you the circular { $symbol }.
notice-circular-read = To read it, in the languages in which it exists, and to take part:
notice-confirm-subject = Please confirm your answer to { $symbol }
notice-confirm-lead = Somebody filled in an answer to “{ $title }” and gave this address. We think it was you.
notice-confirm-open = To send the answer, open this link and confirm it. It counts from then on, not before:
notice-confirm-until = The link can be used until { $until }.
notice-confirm-not-you = If it was not you, do nothing: what was filled in is then erased.
notice-receipt-subject = Your answer to { $symbol } was received
notice-receipt-lead = Your answer to “{ $title }” was received at { $time }.
notice-receipt-page = Its receipt is on this page. Keep the address:
notice-receipt-proof = The receipt is signed. A proof that your answer is in the public log soon takes its place.
notice-extension-subject = { $symbol }: the deadline was moved
notice-extension-lead = The deadline of “{ $title }” was moved.
notice-extension-now = Now: { $deadline }
notice-extension-before = Until now: { $deadline }
notice-reminder-subject = { $symbol } closes soon
notice-reminder-lead = “{ $title }” is still open:
notice-reminder-answer = To answer, or to replace an answer that you sent:
notice-publication-subject = { $symbol }: the answers are published
notice-publication-lead = The answers to “{ $title }” are published.
notice-publication-count = { $n ->
    [one] { NUMBER($n) } answer was received.
   *[other] { NUMBER($n) } answers were received.
}
notice-publication-read = To read them, and to check them without any server:
notice-why-circular = You get this mail because your address is among those to which circulars of this kind are sent.
notice-why-part = You get this mail because this address was given when somebody took part.
notice-stop = To get no more mails of this kind:
notice-machine = A machine wrote this mail. Answers to it are not read.

notice-stop-title = No more mails of this kind
notice-stop-question = Shall we stop sending circulars, reminders and news to your address? What concerns your own answers still comes.
notice-stop-button = Stop these mails
notice-stop-done = Your address gets no more of these mails.
notice-stop-unknown = This link is not one of ours, or it is not whole. Copy all of it from the mail.
