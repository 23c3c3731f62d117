"""Queued messages -> submission server: who takes which, over how few connections, and what became of them."""
