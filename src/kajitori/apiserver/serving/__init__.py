"""How bytes become objects and objects bytes: decoding, negotiation, tables, errors."""
