## Ce qui se dit par courriel, et des courriels

notice-circular-subject = Circulaire { $symbol } : { $subject }
notice-circular-lead = { $party } vous adresse la circulaire { $symbol }.
notice-circular-read = Pour la lire, dans les langues où elle existe, et pour participer :
notice-confirm-subject = Veuillez confirmer votre réponse à { $symbol }
notice-confirm-lead = Quelqu’un a rempli une réponse à « { $title } » en donnant cette adresse. Nous pensons que c’est vous.
notice-confirm-open = Pour envoyer la réponse, ouvrez ce lien et confirmez-la. Elle compte à partir de ce moment, pas avant :
notice-confirm-until = Le lien est utilisable jusqu’au { $until }.
notice-confirm-not-you = Si ce n’était pas vous, ne faites rien : ce qui a été rempli sera effacé.
notice-receipt-subject = Votre réponse à { $symbol } a été reçue
notice-receipt-lead = Votre réponse à « { $title } » a été reçue le { $time }.
notice-receipt-page = Son récépissé se trouve sur cette page. Conservez l’adresse :
notice-receipt-proof = Le récépissé est signé. Une preuve que votre réponse figure au journal public le remplacera bientôt.
notice-extension-subject = { $symbol } : la date limite a été reportée
notice-extension-lead = La date limite de « { $title } » a été reportée.
notice-extension-now = Désormais : { $deadline }
notice-extension-before = Auparavant : { $deadline }
notice-reminder-subject = { $symbol } se termine bientôt
notice-reminder-lead = L’appel « { $title } » est encore ouvert :
notice-reminder-answer = Pour répondre, ou pour remplacer une réponse déjà envoyée :
notice-publication-subject = { $symbol } : les réponses sont publiées
notice-publication-lead = Les réponses à « { $title } » sont publiées.
notice-publication-count = { $n ->
    [one] { NUMBER($n) } réponse a été reçue.
    [many] { NUMBER($n) } de réponses ont été reçues.
   *[other] { NUMBER($n) } réponses ont été reçues.
}
notice-publication-read = Pour les lire, et pour les vérifier sans aucun serveur :
notice-why-circular = Vous recevez ce courriel parce que votre adresse figure parmi celles auxquelles les circulaires de ce genre sont envoyées.
notice-why-part = Vous recevez ce courriel parce que cette adresse a été donnée lors d’une participation.
notice-stop = Pour ne plus recevoir de courriels de ce genre :
notice-machine = Ce courriel a été écrit par une machine. Les réponses ne sont pas lues.

notice-stop-title = Plus de courriels de ce genre
notice-stop-question = Faut-il cesser d’envoyer des circulaires, des rappels et des nouvelles à votre adresse ? Ce qui concerne vos propres réponses vous parviendra toujours.
notice-stop-button = Ne plus envoyer ces courriels
notice-stop-done = Votre adresse ne recevra plus ces courriels.
notice-stop-unknown = Ce lien n’est pas l’un des nôtres, ou il est incomplet. Copiez-le en entier depuis le courriel.
