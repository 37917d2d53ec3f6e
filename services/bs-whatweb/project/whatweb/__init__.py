"""The sample domain: fetch a page safely and tell which technologies made it."""
