
## Who is told of circulars by mail

addressee-lead = They get a mail, each in their own language, when a circular to their kind of party is sent. Only the secretariat sees this list. Each mail has a link that stops them.
addressee-none = Nobody is told of circulars by mail yet.
addressee-title = Addressees
addressee-next = More addressees
addressee-name = Whose address it is
addressee-mail = Mail address
addressee-lang = Language of the mails
addressee-choose = Choose
addressee-lines = Or several, one a line
addressee-lines-help = mail;language;class;name – as in: ict@ministry.example;fr;member_state;Ministry of Communications. Languages: ar, zh, en, fr, ru, es. Classes: { $classes }.
addressee-add = Add
addressee-remove = Remove
addressee-remove-head = Take off the list
addressee-wrong-line = Nothing was added. Correct the lines that are named above.
addressee-wrong-lines = These lines cannot be read: { $lines }
addressee-wrong-mail = Write a mail address, as ict@ministry.example.
addressee-wrong-class = Choose a kind of party.
addressee-wrong-number = At most 500 are added at once.
addressee-reason-help = Only the secretariat can read it. It stays in the history, and its fingerprint in the public log, so do not write anybody’s address in it.
addressee-wrong-reason = Give a reason, without a mail address in it.
