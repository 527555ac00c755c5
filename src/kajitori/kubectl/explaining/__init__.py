"""``kubectl explain``: finds a field in the server's OpenAPI v3 document (document.py) and writes it down (page.py)."""
