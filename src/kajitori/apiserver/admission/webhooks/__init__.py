"""Admission by calling others: MutatingWebhookConfiguration and ValidatingWebhookConfiguration."""
