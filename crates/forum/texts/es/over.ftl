over-published = Las respuestas están publicadas.
over-not-yet = La convocatoria está cerrada; sus respuestas aún no se han publicado.
card-another = Hacerme otra tarjeta
