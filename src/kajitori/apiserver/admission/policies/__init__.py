"""ValidatingAdmissionPolicy: requests judged by CEL expressions that live in the API."""
