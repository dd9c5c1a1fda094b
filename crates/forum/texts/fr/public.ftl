
pub-calls-title = Appels
pub-calls-lead = Ce que le secrétariat demande, et ce qui a été répondu. Tout se lit ici sans se connecter.
pub-calls-open = En cours
pub-calls-coming = À venir
pub-calls-closed = Clos
pub-calls-awaiting = En attente d’examen
pub-calls-awaiting-note = Un appel reste ici tant qu’une réunion n’a pas traité les réponses reçues.
pub-calls-none = Aucun pour le moment.
pub-calls-feed = Suivre par flux (Atom)

pub-opens = Ouverture
pub-opened = Ouvert le
pub-closes = Date limite
pub-extension = Date limite précédente : { $old }. Reportée le { $on }. Motif : { $reason }
pub-reason = Motif
pub-labelled = { $label } : { $value }
pub-bracketed = ({ $what })
pub-counted = { $label } ({ $count })
pub-grace = Ce qui arrive avec un léger retard, dans le délai de grâce, est accepté et marqué comme tel.
pub-late = Arrivée dans le délai de grâce
pub-calendar = Ajouter la date limite à votre agenda

pub-call-audience = Qui peut répondre
pub-call-everyone = Tout le monde
pub-call-limit = Réponses par partie
pub-call-take-part = Participer
pub-call-how = Écrivez dans l’une des six langues ; un brouillon est conservé pour vous. Signez avec votre portefeuille, ou laissez une adresse électronique et confirmez la réponse par le lien reçu par courriel. Dans les deux cas, vous recevez un récépissé.
pub-call-answer = Répondre à cet appel
pub-call-not-yet = L’appel n’est pas encore ouvert.
pub-call-over = L’appel n’accepte plus de réponses.
pub-call-questions = Les questions
pub-required = réponse obligatoire
pub-call-documents = Documents
pub-call-circular = Ouvert par la circulaire
pub-call-agenda = Point de l’ordre du jour qui l’examine
pub-call-contact = Pour toute question
pub-call-answers = Réponses
pub-call-so-far =
    { $n ->
        [one] { $n } réponse a été reçue à ce jour.
        [many] { $n } de réponses ont été reçues à ce jour.
       *[other] { $n } réponses ont été reçues à ce jour.
    }
pub-call-received =
    { $n ->
        [one] { $n } réponse a été reçue.
        [many] { $n } de réponses ont été reçues.
       *[other] { $n } réponses ont été reçues.
    }
pub-call-read = Lire les réponses
pub-history = Historique

pub-original = texte original
pub-translation = traduction
pub-languages = Langues de ce texte
pub-stale = L’original a changé depuis cette traduction.

pub-circular = Circulaire
pub-circulars-title = Circulaires
pub-circular-date = Envoyée le
pub-circular-to = Destinataires
pub-circular-copies = En copie
pub-circular-by = Signée par
pub-circular-opens = Les appels qu’elle ouvre
pub-circular-amended = Modifiée par
pub-circular-amends = Modifie
pub-circular-annexes = Pièces jointes
pub-circular-print = Pour la garder sur papier ou en fichier, imprimez cette page : elle est mise en page pour cela.

pub-answers-title = Réponses reçues
pub-answers-to = Réponses à
pub-sum-title = Le décompte
pub-sum-received = Reçues
pub-sum-published = Publiées
pub-sum-counted = Comptées, non publiées
pub-sum-waiting = Non encore tranchées
pub-sum-withheld = Non diffusées, avec motif
pub-sum-inadmissible = Irrecevables, avec motif
pub-sum-superseded = Remplacées par une réponse ultérieure
pub-sum-withdrawn = Retirées par leurs auteurs
pub-sum-note = Rien n’est omis : la somme des lignes suivantes donne la première.
pub-filter = Choisir des réponses
pub-filter-class = Catégorie de partie
pub-filter-region = Région
pub-filter-country = Pays
pub-filter-language = Langue
pub-filter-question = Question traitée
pub-filter-all = Toutes
pub-filter-apply = Afficher
pub-filter-clear = Afficher toutes les réponses
pub-found =
    { $n ->
        [one] { $n } réponse
        [many] { $n } de réponses
       *[other] { $n } réponses
    }
pub-none-match = Aucune réponse ne correspond à ce choix.
pub-next = Réponses suivantes
pub-first = Revenir aux premières réponses
pub-take-away = Le même contenu en fichier
pub-sealed = Ces réponses sont scellées. Elles pourront être lues après la clôture.
pub-awaits = L’appel est clos. Les réponses apparaîtront ici lorsque le secrétariat les publiera.

pub-sub-call = En réponse à
pub-sub-received = Reçue le
pub-sub-language = Rédigée en
pub-sub-summary = Résumé
pub-sub-not-answered = Sans réponse
pub-sub-vouched = Ce qui en garantit l’origine
pub-vouched-mandate = Signée avec un portefeuille par une personne mandatée par cette partie. La signature couvre exactement les réponses de cette page.
pub-vouched-participant = Signée avec un portefeuille, au moyen d’une carte de participant. Cette carte ne dit pas qui est la personne ; la signature couvre exactement les réponses de cette page.
pub-vouched-unsigned = Non signée. Quelqu’un l’a confirmée par un lien envoyé à une adresse électronique ; rien ne prouve qui c’était, ni au nom de qui.
pub-vouched-paper = Elle est arrivée sur papier. Le secrétariat l’a saisie et conserve une copie numérisée.
pub-sub-proof = Récépissé et preuve
pub-sub-proof-note = Ils permettent à chacun de vérifier, sans nous, que cette réponse figure au journal public et n’a pas été modifiée.
pub-sub-original = La réponse telle qu’elle a été reçue (JSON)
pub-sub-replaces = Elle remplace
pub-sub-replaced = Elle a été remplacée par
pub-sub-back = Toutes les réponses à cet appel
