
word-class-member-state = État Membre
word-class-sector-member = Membre de Secteur
word-class-associate = Associé
word-class-academia = Établissement universitaire
word-class-igo = Organisation intergouvernementale
word-class-regional-organisation = Organisation régionale
word-class-un-agency = Institution des Nations Unies
word-class-private = Entreprise
word-class-civil-society = Société civile
word-class-individual = Particulier
word-class-observer-state = État observateur

word-region-africa = Afrique
word-region-americas = Amériques
word-region-arab-states = États arabes
word-region-asia-pacific = Asie-Pacifique
word-region-cis = Communauté des États indépendants
word-region-europe = Europe

word-kind-nomination = Désignation
word-kind-candidature = Appel à candidatures
word-kind-comment = Observations
word-kind-contribution = Appel à contributions
word-kind-consultation = Consultation ouverte
word-kind-interest = Manifestation d’intérêt
word-kind-pledge = Engagements
word-kind-registration = Inscription
word-kind-entry = Appel à projets
word-kind-needs = Besoins

word-call-draft = Brouillon
word-call-scheduled = À venir
word-call-open = En cours
word-call-grace = Date limite passée, réponses encore acceptées
word-call-closed = Clos
word-call-published = Réponses publiées
word-call-considered = Examiné
word-call-withdrawn = Retiré avant l’ouverture
word-call-annulled = Annulé

word-submission-received = Reçue
word-submission-admissible = Recevable
word-submission-inadmissible = Irrecevable
word-submission-published = Publiée
word-submission-counted = Comptée, non publiée
word-submission-withheld = Non diffusée
word-submission-superseded = Remplacée
word-submission-withdrawn = Retirée

word-standing-mandate = Signée au titre d’un mandat
word-standing-participant = Signée par un participant
word-standing-unsigned = Non signée
word-standing-paper = Reçue sur papier

word-policy-at-once = Les réponses sont publiées dès leur réception.
word-policy-at-close = Les réponses sont publiées après la date limite.
word-policy-sealed = Les réponses restent scellées jusqu’à la date limite. D’ici là, seul leur nombre est indiqué.
word-policy-never = Les réponses ne sont pas publiées. Leur nombre l’est.

word-lang-ar = arabe
word-lang-zh = chinois
word-lang-en = anglais
word-lang-fr = français
word-lang-ru = russe
word-lang-es = espagnol
