preferences-title = Su zona horaria
preferences-lead = Las fechas límite se muestran en la zona horaria de quien las fijó, en UTC y en la suya.
preferences-zone = Zona horaria
preferences-zone-help = La elección se guarda en su navegador, y en ningún otro lugar.
preferences-none = Ninguna zona propia
preferences-keep = Usar esta zona
