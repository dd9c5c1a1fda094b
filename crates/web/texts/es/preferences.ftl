preferences-title = Su huso horario
preferences-lead = Las fechas límite se muestran en el huso de quien las fijó, en UTC y en el suyo.
preferences-zone = Huso horario
preferences-zone-help = La elección se guarda en su navegador, y en ningún otro lugar.
preferences-none = Ningún huso propio
preferences-keep = Usar este huso
