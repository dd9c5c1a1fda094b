//! The holder, without IO: keep credentials, match a query, show what is asked, build the answer.
