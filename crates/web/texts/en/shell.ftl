# The shell of every page.
shell-skip = Skip to the content
shell-languages = Languages
shell-navigation = Pages
shell-home = Front page
shell-log = Public log
shell-sign-in = Sign in
