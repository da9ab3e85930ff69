"""The pages of the operator's window, for administrators."""
