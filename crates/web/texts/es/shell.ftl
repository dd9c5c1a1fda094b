shell-skip = Ir al contenido
shell-languages = Idiomas
shell-navigation = Páginas
shell-home = Inicio
shell-log = Registro público
shell-sign-in = Iniciar sesión
