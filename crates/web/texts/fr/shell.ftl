shell-skip = Aller au contenu
shell-languages = Langues
shell-navigation = Pages du site
shell-home = Accueil
shell-log = Journal public
shell-sign-in = Se connecter
