"""The operator's window: one page that says whether all is well."""
