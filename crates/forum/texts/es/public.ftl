
pub-calls-title = Convocatorias
pub-calls-lead = Lo que pregunta la secretaría y lo que se ha respondido. Todo puede leerse aquí sin iniciar sesión.
pub-calls-open = Abiertas ahora
pub-calls-coming = Próximas
pub-calls-closed = Cerradas
pub-calls-awaiting = Pendientes de examen
pub-calls-awaiting-note = Una convocatoria permanece aquí hasta que una reunión haya tratado las respuestas.
pub-calls-none = Ninguna por el momento.
pub-calls-feed = Seguir por canal (Atom)

pub-opens = Apertura
pub-opened = Abierta el
pub-closes = Fecha límite
pub-extension = Fecha límite anterior: { $old }. Aplazada el { $on }. Motivo: { $reason }
pub-reason = Motivo
pub-labelled = { $label }: { $value }
pub-bracketed = ({ $what })
pub-counted = { $label } ({ $count })
pub-grace = Lo que llegue con un ligero retraso, dentro del plazo de gracia, se acepta y se señala.
pub-late = Llegó dentro del plazo de gracia
pub-calendar = Añadir la fecha límite a su calendario

pub-call-audience = Quién puede responder
pub-call-everyone = Cualquier persona
pub-call-limit = Respuestas por cada parte
pub-call-take-part = Participar
pub-call-how = Escriba en cualquiera de los seis idiomas; se le guarda un borrador. Firme con su billetera, o deje una dirección de correo y confirme la respuesta con el enlace que recibirá. En ambos casos obtendrá un acuse de recibo.
pub-call-answer = Responder a esta convocatoria
pub-call-not-yet = Todavía no está abierta.
pub-call-over = Ya no admite respuestas.
pub-call-questions = Las preguntas
pub-required = respuesta obligatoria
pub-call-documents = Documentos
pub-call-circular = Abierta por la circular
pub-call-agenda = Punto del orden del día que la examina
pub-call-contact = Contacto
pub-call-answers = Respuestas
pub-call-so-far =
    { $n ->
        [one] Hasta ahora se ha recibido { $n } respuesta.
        [many] Hasta ahora se han recibido { $n } de respuestas.
       *[other] Hasta ahora se han recibido { $n } respuestas.
    }
pub-call-received =
    { $n ->
        [one] Se recibió { $n } respuesta.
        [many] Se recibieron { $n } de respuestas.
       *[other] Se recibieron { $n } respuestas.
    }
pub-call-read = Leer las respuestas
pub-history = Historial

pub-original = texto original
pub-translation = traducción
pub-languages = Idiomas de este texto
pub-stale = El original ha cambiado desde que se hizo esta traducción.

pub-circular = Circular
pub-circulars-title = Circulares
pub-circular-date = Enviada el
pub-circular-to = Destinatarios
pub-circular-copies = Con copia a
pub-circular-by = Firmada por
pub-circular-opens = Convocatorias que abre
pub-circular-amended = Modificada por
pub-circular-amends = Modifica a
pub-circular-annexes = Anexos
pub-circular-print = Para conservarla en papel o en un archivo, imprima esta página: está preparada para ello.

pub-answers-title = Respuestas recibidas
pub-answers-to = Respuestas a
pub-sum-title = El recuento
pub-sum-received = Recibidas
pub-sum-published = Publicadas
pub-sum-counted = Contadas, sin publicar
pub-sum-waiting = Pendientes de decisión
pub-sum-withheld = Retenidas, con motivo
pub-sum-inadmissible = No admitidas, con motivo
pub-sum-superseded = Sustituidas por otra posterior
pub-sum-withdrawn = Retiradas por sus autores
pub-sum-note = No se omite nada: las líneas siguientes suman la primera.
pub-filter = Elegir respuestas
pub-filter-class = Categoría de parte
pub-filter-region = Región
pub-filter-country = País
pub-filter-language = Idioma
pub-filter-question = Pregunta respondida
pub-filter-all = Todas
pub-filter-apply = Mostrar
pub-filter-clear = Mostrar todas las respuestas
pub-found =
    { $n ->
        [one] { $n } respuesta
        [many] { $n } de respuestas
       *[other] { $n } respuestas
    }
pub-none-match = Ninguna respuesta corresponde a esta selección.
pub-next = Respuestas siguientes
pub-first = Volver a las primeras respuestas
pub-take-away = Lo mismo en un archivo
pub-sealed = Estas respuestas están selladas. Podrán leerse cuando se cierre la convocatoria.
pub-awaits = La convocatoria está cerrada. Las respuestas aparecerán aquí cuando la secretaría las publique.

pub-sub-call = En respuesta a
pub-sub-received = Recibida el
pub-sub-language = Escrita en
pub-sub-summary = Resumen
pub-sub-not-answered = Sin respuesta
pub-sub-vouched = Qué garantiza su origen
pub-vouched-mandate = Firmada con una billetera por alguien que tiene un poder de esta parte. La firma cubre exactamente las respuestas de esta página.
pub-vouched-participant = Firmada con una billetera mediante una tarjeta de participante. La tarjeta no dice quién es la persona; la firma cubre exactamente las respuestas de esta página.
pub-vouched-unsigned = Sin firmar. Alguien la confirmó con un enlace enviado a un correo electrónico; nada prueba quién fue ni en nombre de quién.
pub-vouched-paper = Llegó en papel. La secretaría la transcribió y conserva una copia digitalizada.
pub-sub-proof = Acuse de recibo y prueba
pub-sub-proof-note = Permiten a cualquiera comprobar, sin nosotros, que esta respuesta está en el registro público y no se ha cambiado.
pub-sub-original = La respuesta tal como se recibió (JSON)
pub-sub-replaces = Sustituye a
pub-sub-replaced = Fue sustituida por
pub-sub-back = Todas las respuestas a esta convocatoria
