# The shell of every page.
shell-skip = Skip to the content
shell-languages = Languages
shell-navigation = Pages
shell-home = Front page
shell-log = Public log
shell-sign-in = Sign in
shell-signed-in = Signed in
shell-zone = Times for { $city }
shell-choose-zone = Choose your time zone
