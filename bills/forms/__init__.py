"""Are the inputs well formed? Shape only; the rules are the services'."""
