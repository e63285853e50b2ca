"""Pure decisions: frozen values in, frozen values out; no input, output, clock or database."""
