
desk-title = Bureau du secrétariat
desk-lead = Ce qui attend une décision, et ce qui peut être fait ensuite. Un appel s’ouvre et se ferme selon l’horloge ; personne ne le fait à la main.
desk-new-call = Nouvel appel
desk-new-circular = Nouvelle circulaire
desk-waiting =
    { $n ->
        [one] { $n } réponse attend une décision
        [many] { $n } de réponses attendent une décision
       *[other] { $n } réponses attendent une décision
    }
desk-back = Retour au bureau
desk-see-public = Voir comme tout le monde

desk-kind = Objet de l’appel
desk-original = Langue de l’original
desk-languages-help = Rédigez l’original ; les autres langues peuvent suivre. Là où une langue manque, l’original est affiché.
desk-symbol = Cote
desk-symbol-help = Courte et unique : lettres, chiffres, traits d’union. Elle devient l’adresse.
desk-name = Titre
desk-subject = Objet
desk-text = Texte
desk-about = De quoi il s’agit
desk-signatory = Signataire (nom et fonction)
desk-state = État
desk-dated = Date de la circulaire
desk-addressees = Destinataires
desk-copies = En copie, une ligne par destinataire
desk-contact = Adresse de contact visible par tous
desk-circular = Cote de la circulaire qui l’ouvre
desk-amends = Cote de la circulaire modifiée
desk-opens = Ouverture (date et heure)
desk-opens-time = Heure d’ouverture (14:30)
desk-closes = Dernier jour pour répondre
desk-closes-help = L’appel se termine à la fin de ce jour, dans le fuseau horaire de l’hôte.
desk-zone = Fuseau horaire de l’hôte
desk-grace = Délai de grâce, en minutes
desk-limit = Nombre de réponses par partie
desk-policy = Ce qui est publié, et quand
desk-audience = Qui peut répondre (aucun choix : tout le monde)

desk-question-add = Ajouter une question
desk-question-edit = Modifier cette question
desk-question-remove = Supprimer cette question
desk-question-label = Question
desk-question-help = Aide
desk-question-kind = Type de réponse
desk-question-required = Réponse obligatoire
desk-question-up = Remonter
desk-question-max = Nombre maximal de caractères
desk-question-options = Choix, un par ligne
desk-kind-text = Une ligne
desk-kind-long-text = Texte long
desk-kind-choice = Un choix parmi plusieurs
desk-kind-choices = Plusieurs choix
desk-kind-file = Fichier
desk-kind-amount = Montant
desk-kind-country = Pays
desk-kind-person = Personne

desk-template-about = Nous demandons leur avis à toutes les personnes concernées. Toutes les réponses sont publiées, et une synthèse est présentée à une réunion.
desk-template-q1 = Quelles possibilités et quelles difficultés voyez-vous ?
desk-template-q2 = Que faudrait-il faire, et par qui ?
desk-template-q3 = Documents à l’appui de votre réponse

desk-change = Modifier le projet
desk-save = Enregistrer
desk-preview = Aperçu
desk-send = Envoyer cette circulaire
desk-send-note = L’envoi est définitif : la circulaire est publiée, adressée par courriel aux destinataires et inscrite au journal public.
desk-schedule = Annoncer cet appel
desk-schedule-note = Ensuite, les questions ne peuvent plus être modifiées et la date limite ne peut qu’être reportée.
desk-extend = Reporter la date limite
desk-publish = Publier les réponses
desk-publish-note = Toutes les réponses recevables sont publiées ; celles qui sont irrecevables ou non diffusées sont comptées, avec leur motif.
desk-withdraw = Retirer cet appel
desk-annul = Annuler cet appel
desk-consider = Noter le point de l’ordre du jour qui l’a examiné
desk-paper = Enregistrer une réponse reçue sur papier
desk-paper-scan = Copie numérisée (PDF, PNG ou JPEG)
desk-paper-help = Elle est conservée avec la réponse. Une réponse est reçue au moment où elle est enregistrée ici : faites-le avant la fin de l’appel.
desk-paper-party = Nom de la partie
desk-admit = Déclarer recevable
desk-refuse = Déclarer irrecevable
desk-withhold = Ne pas diffuser
desk-reason-help = Tout le monde peut le lire, et il est conservé.
desk-answers = Réponses à trancher

desk-history-none = Rien n’a encore été fait.
desk-history-when = Quand
desk-history-what = Quoi
desk-history-who = Qui
desk-act-drafted = Projet créé
desk-act-changed = Modification
desk-act-translated = Traduction ajoutée
desk-act-sent = Envoi
desk-act-announced = Annonce
desk-act-extended = Date limite reportée
desk-act-withdrawn = Retrait
desk-act-annulled = Annulation
desk-act-published = Réponses publiées
desk-act-considered = Examen en réunion
desk-act-admitted = Déclarée recevable
desk-act-refused = Déclarée irrecevable
desk-act-withheld = Non diffusée

desk-wrong-empty = Écrivez quelque chose ici.
desk-wrong-symbol = Utilisez des lettres, des chiffres et des traits d’union, 40 au plus.
desk-wrong-taken = Cette cote est déjà utilisée.
desk-wrong-date = Indiquez une date, comme 2026-11-28.
desk-wrong-number = Indiquez un nombre entier.
desk-wrong-later = Une date limite ne peut qu’être reportée.
desk-wrong-order = La date limite doit suivre l’ouverture.
desk-wrong-too-long = C’est trop long.
desk-wrong-characters = Ce texte contient des caractères invisibles ou qui inversent le sens de l’écriture. Saisissez-le de nouveau.
desk-wrong-reference = Cette circulaire n’existe pas.
desk-wrong-zone = Indiquez un fuseau horaire, comme Europe/Zurich.
desk-wrong-announced = L’appel a été annoncé : ses dates, sa règle de publication et les parties admises à répondre ne peuvent plus être modifiées ici.
desk-wrong-form = Une question à choix demande au moins deux options, une par ligne, toutes différentes ; un appel pose au moins une question.
desk-done = C’est fait. Voyez l’historique ci-dessous.
