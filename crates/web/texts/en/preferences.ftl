# Where a reader chooses a time zone.
preferences-title = Your time zone
preferences-lead = Deadlines are shown in the zone of whoever set them, in UTC, and in yours.
preferences-zone = Time zone
preferences-zone-help = The choice is kept in your browser, and nowhere else.
preferences-none = No zone of my own
preferences-keep = Use this zone
