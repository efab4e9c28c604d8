"""The verbs of `frost`: one module a subject, one function a verb; agent/__main__.py dispatches."""
