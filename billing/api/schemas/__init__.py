"""The shapes that the office's things have in the API, by noun."""
