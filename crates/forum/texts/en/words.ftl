
## Classes of parties (the union's own terms)

word-class-member-state = Member State
word-class-sector-member = Sector Member
word-class-associate = Associate
word-class-academia = Academia
word-class-igo = Intergovernmental organisation
word-class-regional-organisation = Regional organisation
word-class-un-agency = United Nations agency
word-class-private = Company
word-class-civil-society = Civil society
word-class-individual = Individual
word-class-observer-state = Observer State

## Regions of the union (not those of M49)

word-region-africa = Africa
word-region-americas = Americas
word-region-arab-states = Arab States
word-region-asia-pacific = Asia-Pacific
word-region-cis = Commonwealth of Independent States
word-region-europe = Europe

## Kinds of calls

word-kind-nomination = Nomination
word-kind-candidature = Candidature
word-kind-comment = Comments
word-kind-contribution = Contributions
word-kind-consultation = Open consultation
word-kind-interest = Expression of interest
word-kind-pledge = Pledges
word-kind-registration = Registration
word-kind-entry = Entries
word-kind-needs = Needs

## Where a call stands

word-call-draft = Draft
word-call-scheduled = Coming
word-call-open = Open
word-call-grace = Deadline over, still accepted
word-call-closed = Closed
word-call-published = Answers published
word-call-considered = Considered
word-call-withdrawn = Withdrawn before it opened
word-call-annulled = Annulled

## What became of an answer

word-submission-received = Received
word-submission-admissible = Admitted
word-submission-inadmissible = Not admitted
word-submission-published = Published
word-submission-counted = Counted, not published
word-submission-withheld = Withheld
word-submission-superseded = Replaced
word-submission-withdrawn = Withdrawn

## How an answer is vouched for

word-standing-mandate = Signed under a mandate
word-standing-participant = Signed by a participant
word-standing-unsigned = Unsigned
word-standing-paper = Received on paper

## What is published of answers, and when

word-policy-at-once = Answers are published as they arrive.
word-policy-at-close = Answers are published after the deadline.
word-policy-sealed = Answers are sealed until the deadline. Until then only their number is shown.
word-policy-never = Answers are not published. Their numbers are.

## The six languages, named in the reader's

word-lang-ar = Arabic
word-lang-zh = Chinese
word-lang-en = English
word-lang-fr = French
word-lang-ru = Russian
word-lang-es = Spanish
