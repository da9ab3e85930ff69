"""The shapes of bills, due dates and payments in the API, by noun."""
