## Lo que una exportación dice de sí misma (README.txt)

export-readme-heading = Lo que se presentó
export-readme-what = Esta carpeta contiene una convocatoria entera: la circular, la convocatoria, cada versión de su formulario, cada respuesta publicada con su original, su firma y sus anexos, y de las demás, que llegaron y qué fue de ellas.
export-readme-check = Cualquiera puede comprobarla sin red y sin preguntar al foro:
export-readme-sums = Si cada archivo es como figura en la lista:
export-readme-key = La clave del registro está en log/key. Compárela con la que el foro muestra en /log/key, o con lo que otros hayan anotado: quien hizo esta carpeta podría haber puesto otra.
export-readme-proves = Si todo es correcto: cada respuesta se recibió con el número y en el momento que figuran aquí; lo firmado lo firmó quien tenía la clave de la credencial presentada, para este texto exacto; los recuentos son los de la publicación, y nada se ha omitido desde entonces; la convocatoria, la circular y los formularios son los de la publicación.
export-readme-not = No está probado: quién tenía la billetera en la mano; que lo que afirma un emisor sea cierto; quién escribió lo que llegó sin firma o en papel; que este texto sea el que el foro muestra hoy.
export-readme-people = Lo que aquí consta de personas, ellas lo aceptaron al participar. Úselo para lo que trata la convocatoria.
