## Lo que se dice por correo, y de los correos

notice-circular-subject = Circular { $symbol }: { $subject }
notice-circular-lead = { $party } le envía la circular { $symbol }.
notice-circular-read = Para leerla, en los idiomas en que existe, y para participar:
notice-confirm-subject = Confirme su respuesta a { $symbol }
notice-confirm-lead = Alguien rellenó una respuesta a «{ $title }» y dio esta dirección. Creemos que fue usted.
notice-confirm-open = Para enviar la respuesta, abra este enlace y confírmela. Cuenta desde entonces, no antes:
notice-confirm-until = El enlace se puede usar hasta el { $until }.
notice-confirm-not-you = Si no fue usted, no haga nada: lo que se rellenó se borrará.
notice-receipt-subject = Se recibió su respuesta a { $symbol }
notice-receipt-lead = Su respuesta a «{ $title }» se recibió el { $time }.
notice-receipt-page = El acuse de recibo está en esta página. Guarde la dirección:
notice-receipt-proof = El acuse de recibo está firmado. Pronto lo sustituirá una prueba de que su respuesta figura en el registro público.
notice-extension-subject = { $symbol }: la fecha límite se ha aplazado
notice-extension-lead = La fecha límite de «{ $title }» se ha aplazado.
notice-extension-now = Ahora: { $deadline }
notice-extension-before = Antes: { $deadline }
notice-reminder-subject = { $symbol } se cierra pronto
notice-reminder-lead = La convocatoria «{ $title }» sigue abierta:
notice-reminder-answer = Para responder, o para sustituir una respuesta ya enviada:
notice-publication-subject = { $symbol }: se publicaron las respuestas
notice-publication-lead = Se han publicado las respuestas a «{ $title }».
notice-publication-count = { $n ->
    [one] Se recibió { NUMBER($n) } respuesta.
    [many] Se recibieron { NUMBER($n) } de respuestas.
   *[other] Se recibieron { NUMBER($n) } respuestas.
}
notice-publication-read = Para leerlas, y para comprobarlas sin ningún servidor:
notice-why-circular = Recibe este correo porque su dirección está entre las que reciben las circulares de este tipo.
notice-why-part = Recibe este correo porque se dio esta dirección al participar.
notice-stop = Para no recibir más correos de este tipo:
notice-machine = Este correo lo escribió una máquina. Las respuestas no se leen.

notice-stop-title = No más correos de este tipo
notice-stop-question = ¿Dejamos de enviar circulares, recordatorios y novedades a su dirección? Lo que se refiere a sus propias respuestas seguirá llegando.
notice-stop-button = No enviar más estos correos
notice-stop-done = Su dirección ya no recibirá estos correos.
notice-stop-unknown = Este enlace no es nuestro, o no está completo. Cópielo entero del correo.
