"""Our speed beside a bare floor: the same result made with as little as possible."""
