
desk-title = Mesa de la secretaría
desk-lead = Lo que espera una decisión y lo que puede hacerse a continuación. Una convocatoria se abre y se cierra según el reloj; nadie lo hace a mano.
desk-new-call = Nueva convocatoria
desk-new-circular = Nueva circular
desk-waiting =
    { $n ->
        [one] { $n } respuesta espera una decisión
        [many] { $n } de respuestas esperan una decisión
       *[other] { $n } respuestas esperan una decisión
    }
desk-back = Volver a la mesa
desk-see-public = Ver como lo ve el público

desk-kind = Qué se pide
desk-original = Idioma del original
desk-languages-help = Escriba el original; los demás idiomas pueden añadirse después. Donde falte uno, se muestra el original.
desk-symbol = Signatura
desk-symbol-help = Breve y única: letras, cifras, guiones. Se convierte en la dirección.
desk-name = Título
desk-subject = Asunto
desk-text = Texto
desk-about = De qué se trata
desk-signatory = Firmante (nombre y cargo)
desk-state = Estado
desk-dated = Fecha de la circular
desk-addressees = Destinatarios
desk-copies = Con copia a, uno por línea
desk-contact = Dirección de contacto visible para todos
desk-circular = Signatura de la circular que la abre
desk-amends = Signatura de la circular que modifica
desk-opens = Apertura (fecha y hora)
desk-opens-time = Hora de apertura (14:30)
desk-closes = Último día para responder
desk-closes-help = Termina al acabar ese día, en la zona horaria de la sede.
desk-zone = Zona horaria de la sede
desk-grace = Plazo de gracia, en minutos
desk-limit = Respuestas que puede dar cada parte
desk-policy = Qué se publica y cuándo
desk-audience = Quién puede responder (sin elegir ninguno: cualquier persona)

desk-question-add = Añadir una pregunta
desk-question-edit = Cambiar esta pregunta
desk-question-remove = Quitar esta pregunta
desk-question-label = Pregunta
desk-question-help = Ayuda
desk-question-kind = Tipo de respuesta
desk-question-required = Respuesta obligatoria
desk-question-up = Subir
desk-question-max = Máximo de caracteres
desk-question-options = Opciones, una por línea
desk-kind-text = Una línea
desk-kind-long-text = Texto largo
desk-kind-choice = Una opción entre varias
desk-kind-choices = Varias opciones
desk-kind-file = Archivo
desk-kind-amount = Importe
desk-kind-country = País
desk-kind-person = Persona

desk-template-about = Pedimos su opinión a todas las personas interesadas. Todas las respuestas se publican y se presenta un resumen a una reunión.
desk-template-q1 = ¿Qué oportunidades y qué dificultades ve usted?
desk-template-q2 = ¿Qué debería hacerse y quién debería hacerlo?
desk-template-q3 = Documentos que apoyan su respuesta

desk-change = Cambiar el borrador
desk-save = Guardar
desk-preview = Vista previa
desk-send = Enviar esta circular
desk-send-note = El envío no se puede deshacer: la circular se publica, se envía por correo a los destinatarios y se inscribe en el registro público.
desk-schedule = Anunciar esta convocatoria
desk-schedule-note = A partir de entonces las preguntas no pueden cambiarse y la fecha límite solo puede aplazarse.
desk-extend = Aplazar la fecha límite
desk-publish = Publicar las respuestas
desk-publish-note = Se publican todas las respuestas admitidas; las retenidas o no admitidas se cuentan con su motivo.
desk-withdraw = Retirar esta convocatoria
desk-annul = Anular esta convocatoria
desk-consider = Anotar el punto del orden del día que la examinó
desk-paper = Registrar una respuesta recibida en papel
desk-paper-scan = Copia digitalizada (PDF, PNG o JPEG)
desk-paper-help = Se guarda con la respuesta. Una respuesta se recibe cuando se registra aquí; hágalo antes de que termine la convocatoria.
desk-paper-party = Nombre de la parte
desk-admit = Admitir
desk-refuse = No admitir
desk-withhold = Retener
desk-reason-help = Cualquiera puede leerlo, y queda guardado.
desk-answers = Respuestas por decidir

desk-history-none = Todavía no se ha hecho nada.
desk-history-when = Cuándo
desk-history-what = Qué
desk-history-who = Quién
desk-act-drafted = Borrador creado
desk-act-changed = Modificación
desk-act-translated = Traducción añadida
desk-act-sent = Envío
desk-act-announced = Anuncio
desk-act-extended = Fecha límite aplazada
desk-act-withdrawn = Retirada
desk-act-annulled = Anulación
desk-act-published = Respuestas publicadas
desk-act-considered = Examen en una reunión
desk-act-admitted = Admitida
desk-act-refused = No admitida
desk-act-withheld = Retenida

desk-wrong-empty = Escriba algo aquí.
desk-wrong-symbol = Use letras, cifras y guiones, 40 como máximo.
desk-wrong-taken = Esta signatura ya está en uso.
desk-wrong-date = Escriba una fecha, como 2026-11-28.
desk-wrong-number = Escriba un número entero.
desk-wrong-later = Una fecha límite solo puede aplazarse.
desk-wrong-order = La fecha límite debe ser posterior a la apertura.
desk-wrong-too-long = Es demasiado largo.
desk-wrong-characters = El texto contiene caracteres invisibles o que invierten la escritura. Escríbalo de nuevo.
desk-wrong-reference = No existe tal circular.
desk-wrong-zone = Escriba una zona horaria, como Europe/Zurich.
desk-wrong-announced = La convocatoria ya se anunció: aquí ya no pueden cambiarse sus fechas, su norma de publicación ni quién puede responder.
desk-wrong-form = Una pregunta con opciones necesita al menos dos, una por línea y todas distintas; una convocatoria hace al menos una pregunta.
desk-done = Hecho. Consta en el historial, más abajo.
