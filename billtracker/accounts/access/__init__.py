"""Which household a request is about, and who may open which pages."""
