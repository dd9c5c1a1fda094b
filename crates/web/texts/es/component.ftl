component-optional = (opcional)
component-wrong = { $n ->
    [one] { $n } respuesta necesita una revisión
   *[other] { $n } respuestas necesitan una revisión
}
component-wrong-kept = Todavía no se ha enviado nada. Lo que escribió sigue aquí.
component-in-my-zone = Mostrar en mi zona horaria
component-exactly = Exactamente: { $when }
component-yours = Para usted: { $when }
component-left = tiempo restante: { $left }
component-over = Ha terminado
component-pages = Páginas de esta lista
component-previous = Anterior
component-next = Siguiente
component-place = Página { NUMBER($page) } de { NUMBER($pages) }
component-way = Camino hasta esta página
component-steps = Pasos
