//! The HTTP edge everybody shares: problems, bodies, languages, cross-origin rules, the page shell.
