"""Arrays in, figures out: a fixed Altair chart and the live tables it reads."""
