"""Evidence: what was captured, chosen for one obligation or alert, to be handed on and checked by others."""
