"""Go's text/template: the whole language, with the output and the errors of Go."""
