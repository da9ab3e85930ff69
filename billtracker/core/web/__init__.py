"""What pages and the API share: requests, answers, forms, exports, charts."""
