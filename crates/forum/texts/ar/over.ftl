over-published = نُشرت الردود.
over-not-yet = أُغلقت الدعوة، ولم تُنشر ردودها بعد.
card-another = أنشئوا لي بطاقة أخرى
