"""JSON in and out: typed input, its validation, problem documents, lists and the OpenAPI description."""
