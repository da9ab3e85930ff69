"""The post office: it delivers and knows no bill and no client."""
