preferences-title = Votre fuseau horaire
preferences-lead = Les dates limites sont affichées dans le fuseau de qui les a fixées, en UTC et dans le vôtre.
preferences-zone = Fuseau horaire
preferences-zone-help = Ce choix est conservé dans votre navigateur, et nulle part ailleurs.
preferences-none = Aucun fuseau particulier
preferences-keep = Utiliser ce fuseau
