over-published = Les réponses sont publiées.
over-not-yet = L’appel est clos ; ses réponses ne sont pas encore publiées.
card-another = Me faire une autre carte
