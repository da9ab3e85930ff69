"""The edge to SimpleFIN: tokens, requests, and answers, of which nothing is trusted."""
