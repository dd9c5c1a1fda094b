
word-class-member-state = Estado Miembro
word-class-sector-member = Miembro de Sector
word-class-associate = Asociado
word-class-academia = Institución Académica
word-class-igo = Organización intergubernamental
word-class-regional-organisation = Organización regional
word-class-un-agency = Organismo de las Naciones Unidas
word-class-private = Empresa
word-class-civil-society = Sociedad civil
word-class-individual = Particular
word-class-observer-state = Estado observador

word-region-africa = África
word-region-americas = Américas
word-region-arab-states = Estados Árabes
word-region-asia-pacific = Asia-Pacífico
word-region-cis = Comunidad de Estados Independientes
word-region-europe = Europa

word-kind-nomination = Designación
word-kind-candidature = Candidatura
word-kind-comment = Observaciones
word-kind-contribution = Contribuciones
word-kind-consultation = Consulta abierta
word-kind-interest = Manifestación de interés
word-kind-pledge = Compromisos
word-kind-registration = Inscripción
word-kind-entry = Propuestas
word-kind-needs = Necesidades

word-call-draft = Borrador
word-call-scheduled = Próximamente
word-call-open = Abierta
word-call-grace = Plazo vencido, aún se admiten respuestas
word-call-closed = Cerrada
word-call-published = Respuestas publicadas
word-call-considered = Examinada
word-call-withdrawn = Retirada antes de abrirse
word-call-annulled = Anulada

word-submission-received = Recibida
word-submission-admissible = Admitida
word-submission-inadmissible = No admitida
word-submission-published = Publicada
word-submission-counted = Contada, sin publicar
word-submission-withheld = Retenida
word-submission-superseded = Sustituida
word-submission-withdrawn = Retirada

word-standing-mandate = Firmada con un poder
word-standing-participant = Firmada por un participante
word-standing-unsigned = Sin firmar
word-standing-paper = Recibida en papel

word-policy-at-once = Las respuestas se publican a medida que llegan.
word-policy-at-close = Las respuestas se publican después de la fecha límite.
word-policy-sealed = Las respuestas permanecen selladas hasta la fecha límite. Hasta entonces solo se muestra su número.
word-policy-never = Las respuestas no se publican. Su número, sí.

word-lang-ar = árabe
word-lang-zh = chino
word-lang-en = inglés
word-lang-fr = francés
word-lang-ru = ruso
word-lang-es = español
