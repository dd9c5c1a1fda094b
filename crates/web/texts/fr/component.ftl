component-optional = (facultatif)
component-wrong = { $n ->
    [one] { $n } réponse est à revoir
   *[other] { $n } réponses sont à revoir
}
component-wrong-kept = Rien n’a encore été envoyé. Ce que vous avez écrit est toujours là.
component-in-my-zone = Afficher dans mon fuseau horaire
component-exactly = Exactement : { $when }
component-yours = Pour vous : { $when }
component-left = temps restant : { $left }
component-over = C’est terminé
component-pages = Pages de cette liste
component-previous = Précédente
component-next = Suivante
component-place = Page { NUMBER($page) } sur { NUMBER($pages) }
component-way = Chemin vers cette page
component-steps = Étapes
