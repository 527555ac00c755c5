"""Certificate signing requests and bootstrap tokens: approving, signing, cleaning up."""
