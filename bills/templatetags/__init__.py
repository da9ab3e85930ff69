"""Template tags of the pages of bills."""
