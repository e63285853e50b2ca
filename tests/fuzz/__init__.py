"""What must hold for any input, by target: Hypothesis asks it in the tests, `make fuzz` as long as it may."""
