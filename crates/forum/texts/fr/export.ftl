## Ce qu'une exportation dit d'elle-même (README.txt)

export-readme-heading = Ce qui a été soumis
export-readme-what = Ce dossier contient un appel entier : la circulaire, l’appel, chaque version de son formulaire, chaque réponse publiée avec son original, sa signature et ses pièces jointes, et, pour les autres, le fait qu’elles sont arrivées et ce qu’elles sont devenues.
export-readme-check = Chacun peut le vérifier sans réseau et sans rien demander au forum :
export-readme-sums = Pour savoir si chaque fichier est tel qu’il est énuméré :
export-readme-key = La clé du journal se trouve dans log/key. Comparez-la avec celle que le forum montre à l’adresse /log/key, ou avec ce que d’autres ont noté : l’auteur de ce dossier aurait pu en mettre une autre.
export-readme-proves = Si tout est juste : chaque réponse a été reçue sous le numéro et au moment indiqués ici ; ce qui est signé l’a été par qui détenait la clé du justificatif présenté, pour ce texte exactement ; les nombres sont ceux de la publication, et rien n’a été omis depuis ; l’appel, la circulaire et les formulaires sont ceux de la publication.
export-readme-not = N’est pas prouvé : qui tenait le portefeuille en main ; que ce qu’affirme un émetteur est vrai ; qui a écrit ce qui est arrivé sans signature ou sur papier ; que ce texte est celui que le forum montre aujourd’hui.
export-readme-people = Ce qui figure ici sur des personnes, elles y ont consenti en participant. Servez-vous-en pour l’objet de l’appel.
